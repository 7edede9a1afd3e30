#!/bin/sh
# Works the golden sample and certificate from list.csv with sha256sum, sort, awk and printf alone: none of our code.
# The plan: partnership / reason, six cases for each partnership in proportion to its strata (Dunmere 8 : 4 : 2 of 14 give
# 3.43, 1.71, 0.86, so 3, 2, 1; Brigg 5 : 5 of 10 give 3, 3), and a reserve of half of each, rounded up.
set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")"
seed=2026-06-01-4-8-15-16-23-42
hash() { sha256sum | cut -d ' ' -f 1; }

awk -F, 'NR > 1 { print $2 " / " $3 "\t" $1 }' list.csv | sort > lines.txt
cat > plan.txt <<PLAN
Brigg / CPI	5	3	2
Brigg / CPR	5	3	2
Dunmere / CARM	2	1	1
Dunmere / CPI	4	2	1
Dunmere / CPR	8	3	2
PLAN
while IFS='	' read -r label ref; do
    printf '%s\t%s\t%s\n' "$label" "$(printf '%s|%s' "$seed" "$ref" | hash)" "$ref"
done < lines.txt | sort -t '	' -k 1,1 -k 2,2 | awk -F '\t' '
    NR == FNR { N[$1] = $2; n[$1] = $3; r[$1] = $4; next }
    $1 != last { last = $1; order = 0 }
    ++order <= n[$1] + r[$1] { print $3 "\t" $1 "\t" (order <= n[$1] ? "main" : "reserve") "\t" order "\t" $2 "\t" N[$1] "\t" n[$1] }
' plan.txt - > drawn.txt

# Chances and weights of the five strata: 3/5, 3/5, 1/2, 2/4, 3/8, and 5/3, 5/3, 2, 2, 8/3, to the nearest double.
awk -F '\t' -v OFS=, '
    BEGIN {
        print "case_ref,partnership,reason,stratum,role,order,ticket,population,sample_size,inclusion_probability,weight"
        chance["Brigg / CPI"] = chance["Brigg / CPR"] = "0.6,1.6666666666666667"
        chance["Dunmere / CARM"] = chance["Dunmere / CPI"] = "0.5,2.0"
        chance["Dunmere / CPR"] = "0.375,2.6666666666666665"
    }
    { split($2, part, " / "); print $1, part[1], part[2], $2, $3, $4, $5, $6, $7, ($3 == "main" ? chance[$2] : ",") }
' drawn.txt > sample.csv

cases=$(awk -F '\t' '{ printf "%s{\"case_ref\":\"%s\",\"order\":%s,\"role\":\"%s\",\"stratum\":\"%s\",\"ticket\":\"%s\"}",
    (NR > 1 ? "," : ""), $1, $4, $3, $2, $5 }' drawn.txt)
counts=$(awk -F '\t' '{ printf "%s{\"population\":%s,\"reserve\":%s,\"sample_size\":%s,\"stratum\":\"%s\"}",
    (NR > 1 ? "," : ""), $2, $4, $3, $1 }' plan.txt)
sizes=$(awk -F '\t' '{ printf "%s\"%s\":%s", (NR > 1 ? "," : ""), $1, $3 }' plan.txt)
reserves=$(awk -F '\t' '{ printf "%s\"%s\":%s", (NR > 1 ? "," : ""), $1, $4 }' plan.txt)
plan='{"confidence":null,"id":"case_ref","margin":null,"maximum":null,"mean":null,"measure":null,"method":"proportional"'
plan="$plan"',"minimum":null,"order_by":[],"power":null,"reserve":"50%","reserves":{'"$reserves"'},"rules":null,"sd":null'
plan="$plan"',"selection":"tickets","size":6,"sizes":{'"$sizes"'},"start":{},"strata":["reason"],"take_all":[]'
plan="$plan"',"within":"partnership"}'
head='{"cases":['"$cases"'],'
tail='"file_sha256":"'"$(hash < list.csv)"'","frame_digest":"'"$(hash < lines.txt)"'","id":"case_ref","plan":'"$plan"
tail="$tail"',"schema":"casereader/certificate","seed":"'"$seed"'","software":"casereader","strata":["reason"]'
tail="$tail"',"strata_counts":['"$counts"'],"version":1,"within":"partnership"}'
digest=$(printf '%s%s' "$head" "$tail" | hash)
printf '%s"created_at":"2026-06-01T10:00:00Z","digest":"%s",%s' "$head" "$digest" "$tail" > certificate.json

# The commitment to that list with a salt, and the seed that a public value would then give.
salt=000102030405060708090a0b0c0d0e0f
commitment=$({ cat lines.txt; printf '%s' "$salt"; } | hash)
plan_digest=$(printf '%s' "$plan" | hash)
printf 'salt %s\ncommitment %s\nplan_digest %s\nseed %s\n' "$salt" "$commitment" "$plan_digest" \
    "$(printf 'seed/1\n%s\n%s\n4 8 15 16 23 42\n\ninspectorate\n' "$commitment" "$plan_digest" | hash)" > commitment.txt
rm -f lines.txt plan.txt drawn.txt
