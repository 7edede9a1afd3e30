# Makes estimates.json from cases.csv with R survey 4.1-1 (Debian r-cran-survey): Rscript estimates.R > estimates.json
suppressMessages(library(survey))
options(digits = 17, survey.adjust.domain.lonely = FALSE, warn = -1)
d <- read.csv("cases.csv", stringsAsFactors = FALSE)
d$h <- paste(d$partnership, d$stratum)
d$w <- d$N / ave(d$N, d$h, FUN = length)
# A subset of a post-stratified design keeps the other rows with weight 0, where a blank would spoil the sums.
d$filled <- ifelse(is.na(d$good), 0, d$good)
out <- c()
num <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
put <- function(id, ...) { v <- c(...); out <<- c(out, sprintf('"%s": {%s}', id, paste(sprintf('"%s": %s', names(v), num(v)), collapse = ", "))) }
design <- function(data) svydesign(ids = ~1, strata = ~h, fpc = ~N, weights = ~w, data = data)
full <- design(d)
read <- subset(full, !is.na(good))
domains <- list(all = rep(TRUE, nrow(d)))
for (p in sort(unique(d$partnership))) domains[[p]] <- d$partnership == p
for (a in sort(unique(d$age))) domains[[a]] <- d$age == a
for (rule in c("adjust", "average", "remove")) {
  options(survey.lonely.psu = rule)
  for (k in names(domains)) {
    s <- subset(full, domains[[k]] & !is.na(d$good))
    m <- svymean(~good, s)
    v <- c(estimate = unname(coef(m)), se = as.numeric(SE(m)), df = degf(s))
    if (!is.na(v["se"]) && v["se"] > 0 && v["df"] > 0)
      for (method in c("xlogit", "beta", "mean")) {
        ci <- attr(svyciprop(~I(good == 1), s, method = method, level = 0.9), "ci")
        v[paste0(method, "_lower")] <- ci[1]; v[paste0(method, "_upper")] <- ci[2]
      }
    put(paste("share", rule, k), v)
    s <- subset(full, domains[[k]])
    r <- svyratio(~minutes, ~contacts, s)
    put(paste("ratio", rule, k), c(estimate = unname(coef(r)), se = as.numeric(SE(r)), df = degf(s)))
    if (rule != "adjust") {
      t <- svytotal(~minutes, s)
      put(paste("total", rule, k), c(estimate = unname(coef(t)), se = as.numeric(SE(t)), df = degf(s)))
    }
  }
  s <- subset(full, d$age %in% c("0-4", "12-15") & !is.na(d$good))
  b <- svyby(~good, ~age, s, svymean, covmat = TRUE)
  c1 <- svycontrast(b, c(`12-15` = 1, `0-4` = -1))
  put(paste("compare", rule), c(estimate = unname(coef(c1)), se = as.numeric(SE(c1)), df = degf(s)))
}
options(survey.lonely.psu = "adjust")
m <- svymean(~minutes, full, deff = TRUE)
put("deff", c(deff = unname(deff(m))))
known <- data.frame(age = c("0-4", "5-11", "12-15"), Freq = c(110, 120, 89))
p <- postStratify(full, ~age, known)
for (k in c("all", "Aird", "Brigg", "Dunmere")) {
  s <- subset(p, domains[[k]] & !is.na(d$good))
  m <- svymean(~filled, s); t <- svytotal(~minutes, subset(p, domains[[k]]))
  put(paste("poststratified share", k), c(estimate = unname(coef(m)), se = as.numeric(SE(m))))
  put(paste("poststratified total", k), c(estimate = unname(coef(t)), se = as.numeric(SE(t))))
}
cat("{\n", paste(out, collapse = ",\n"), "\n}\n", sep = "")
