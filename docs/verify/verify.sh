#!/bin/sh
# Draws a sample again from its certificate and the list, with sh, awk and GNU sed, sort, paste, diff and sha256sum.
#
#     sh verify.sh certificate.json list.csv
#
# The list is the one that was fixed: a CSV file in UTF-8, without quotation marks, whose headers are written as the
# certificate names them. The selection must be by tickets.
# Prints "verified" and ends with 0, or says what differs and ends with 1, or what it cannot read and ends with 2.
set -eu
LC_ALL=C
export LC_ALL
list=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A certificate that was written over many lines, to be read, is put on one line again.
certificate=$work/certificate
sed 's/^ *//; s/^\("\([^"\\]\|\\.\)*"\): /\1:/' "$1" | tr -d '\n' > "$certificate"

text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$certificate"; }
differs() {
    echo "$1"
    failed=1
}
failed=0
fixed="Bring the list as it was fixed (CSV), not the file that was sent: whoever runs the inspection has it for you."
grep -q '"selection":"tickets",.*"start":{}' "$certificate" || {
    echo "This script verifies draws by tickets only, that avoid no earlier draw; use verify.py." >&2
    exit 2
}
seed=$(sed 's/.*"seed":"\(\([^"\\]\|\\.\)*\)".*/\1/; s/\\\(["\\]\)/\1/g' "$certificate")

# 1. The certificate bears the digest of its own content.
content=$(sed 's/"created_at":"[^"]*","digest":"[^"]*",//' "$certificate" | tr -d '\n' | sha256sum | cut -d ' ' -f 1)
stated=$(sed 's/.*"created_at":"[^"]*","digest":"\([^"]*\)".*/\1/' "$certificate")
[ "$content" = "$stated" ] || differs "the certificate was changed after it was made: its digest is another"

# 2. The list has the digest that the certificate states: one line "stratum TAB case_ref" for each case, sorted by bytes.
columns=$(sed 's/.*"software":"[^"]*","strata":\[\([^]]*\)\].*/\1/; s/"//g' "$certificate")
within=$(sed -n 's/.*,"version":[0-9]*,"within":"\([^"]*\)"}$/\1/p' "$certificate")
id=$(sed 's/.*"file_sha256":[^,]*,"frame_digest":"[^"]*","id":"\([^"]*\)".*/\1/' "$certificate")
tr -d '\r' < "$list" | awk -F, -v columns="${within:+$within,}$columns" -v id="$id" -v missing="$work/missing" '
    NR == 1 {
        sub(/^\357\273\277/, ""); for (i = 1; i <= NF; i++) at[$i] = i
        n = split(columns, name, ","); name[0] = id
        for (i = 0; i <= n; i++) if (!(name[i] in at)) { print name[i] > missing; exit }
        next
    }
    NF { label = $at[name[1]]; for (i = 2; i <= n; i++) label = label " / " $at[name[i]]; print label "\t" $at[id] }
' | sort > "$work/lines"
[ ! -e "$work/missing" ] || {
    echo "the list cannot be read: there is no column $(cat "$work/missing"). $fixed" >&2
    exit 2
}
digest=$(sha256sum < "$work/lines" | cut -d ' ' -f 1)
[ "$digest" = "$(text frame_digest)" ] ||
    differs "the list is not the one that was drawn from: its digest is another. $fixed"

# A list none of whose groups is in the certificate was not fixed by it, and has no case to compare.
sed 's/.*"strata_counts":\[//; s/\].*//; s/},{/\n/g' "$certificate" |
    sed 's/.*"reserve":\([0-9]*\),"sample_size":\([0-9]*\),"stratum":"\(.*\)".*/\3\t\2\t\1/' > "$work/plan"
awk -F '\t' 'NR == FNR { here[$1]; next } $1 in here { found = 1 } END { exit !found }' "$work/lines" "$work/plan" || {
    differs "none of the groups in the list is one of the certificate, so no case can be compared"
    exit 1
}

# 3. The ticket of a case is the SHA-256 of seed|case_ref; by stratum and ticket, the first are main, the next reserve.
mkdir "$work/cases"
awk -F '\t' -v seed="$(printf '%s' "$seed" | sed 's/\\/\\\\/g')" -v folder="$work/cases" '
    { file = sprintf("%s/%09d", folder, NR); printf "%s|%s", seed, $2 > file; close(file) }' "$work/lines"
(cd "$work/cases" && find . -type f | sort | xargs sha256sum | cut -d ' ' -f 1) > "$work/tickets"
paste "$work/lines" "$work/tickets" | sort -t "$(printf '\t')" -k 1,1 -k 3,3 -k 2,2 | awk -F '\t' '
    NR == FNR { n[$1] = $2; r[$1] = $3; next }
    $1 != stratum { stratum = $1; order = 0 }
    ++order <= n[$1] + r[$1] { print $1 "\t" order "\t" (order <= n[$1] ? "main" : "reserve") "\t" $3 "\t" $2 }
' "$work/plan" - > "$work/drawn"
sed 's/^{"cases":\[{//; s/}\],"created_at".*//; s/},{/\n/g' "$certificate" | sed '/^{"cases":\[\]/d' |
    sed '$a\' | sed 's/"case_ref":"\(.*\)","order":\([0-9]*\),"role":"\([a-z]*\)","stratum":"\(.*\)","ticket":"\(.*\)"/\4\t\2\t\3\t\5\t\1/' \
        > "$work/stated"
diff "$work/stated" "$work/drawn" > "$work/differences" || {
    differs "the sample drawn again is another (< in the certificate, > drawn again):"
    grep '^[<>]' "$work/differences" | head -n 20
}
[ "$failed" -ne 0 ] || echo verified
exit "$failed"
