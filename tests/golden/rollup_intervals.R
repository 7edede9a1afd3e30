# Standard errors, intervals and degrees of freedom of tests/golden/questions.csv, by R's survey package.
# Run in this folder: Rscript rollup_intervals.R
suppressMessages(library(survey))
options(digits = 15)
cases <- read.csv("rollup_cases.csv", stringsAsFactors = FALSE, na.strings = "")
answers <- read.csv("rollup_answers.csv", check.names = FALSE, stringsAsFactors = FALSE, na.strings = "")
decided <- merge(cases[cases$status %in% c("read", "not produced", "ineligible"), ], answers, all.x = TRUE)
alpha <- 0.10
ones <- list(C1 = "yes", C9 = c("4", "5", "6"), D8 = "no", "H4.addressed" = "yes")
noughts <- list(C1 = c("in_part", "no", "cannot_tell"), C9 = c("1", "2", "3"), D8 = c("yes", "in_part", "cannot_tell"),
                "H4.addressed" = c("in_part", "no", "cannot_tell"))
for (question in names(ones)) {
  value <- decided[[question]]
  decided$y <- ifelse(value %in% ones[[question]], 1, ifelse(value %in% noughts[[question]], 0, NA))
  whole <- svydesign(ids = ~1, strata = ~stratum, fpc = ~population, data = decided)
  for (where in list(c("age_band", "0-4"), c("age_band", "5-11"), c("all", ""), c("stratum", "a"), c("stratum", "b"))) {
    inside <- if (where[1] == "all") rep(TRUE, nrow(decided)) else decided[[where[1]]] %in% where[2]
    part <- subset(whole, inside & !is.na(decided$y))
    rows <- decided[inside & !is.na(decided$y), ]
    if (nrow(rows) == 0) next
    share <- coef(svymean(~y, part))[[1]]
    se <- as.numeric(SE(svymean(~y, part)))
    df <- degf(part)
    if (share > 0 && share < 1 && df > 0) {
      limits <- as.numeric(attr(svyciprop(~y, part, method = "xlogit", level = 1 - alpha, df = df), "ci"))
    } else {
      w <- rows$population / ave(rep(1, nrow(decided)), decided$stratum, FUN = sum)[inside & !is.na(decided$y)]
      m <- sum(w)^2 / sum(w^2)
      x <- m * share
      limits <- c(if (x == 0) 0 else qbeta(alpha / 2, x, m - x + 1),
                  if (x == m) 1 else qbeta(1 - alpha / 2, x + 1, m - x))
    }
    cat(sprintf("%s,%s,%s,%.17g,%.17g,%.17g,%.17g,%d\n", question, where[1], where[2],
                share, se, limits[1], limits[2], df))
  }
}
