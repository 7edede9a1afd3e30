#!/bin/sh
# For maintainers: fetch the vendored files again and rewrite every VENDOR.toml. Needs npm; the app does not.
# The style sheet of the Scottish Government Design System is taken as published but for two cuts, so that
# no page ever asks for anything but itself: the comment naming a source map, and one picture held in a data: address.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
repository=$(CDPATH='' cd -- "$here/../../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fetch PACKAGE VERSION: leaves the unpacked package in $scratch/package
fetch() {
    rm -rf "$scratch/package"
    (cd "$scratch" && tar xzf "$(npm pack --silent "$1@$2")")
}

# describe FOLDER PACKAGE VERSION LICENCE FILE...: writes VENDOR.toml with the sum of each file
describe() {
    folder=$1 package=$2 version=$3 licence=$4
    shift 4
    {
        printf 'name = "%s"\nversion = "%s"\nlicence = "%s"\n\n[sha256]\n' "$package" "$version" "$licence"
        for file in "$@"; do
            printf '"%s" = "%s"\n' "$file" "$(sha256sum "$folder/$file" | cut -d ' ' -f 1)"
        done
    } > "$folder/VENDOR.toml"
}

package=@scottish-government/design-system version=4.2.0
folder=$here/scottish-government-design-system-$version
fetch "$package" "$version"
mkdir -p "$folder"
sed -e 's|/\*# sourceMappingURL=[^*]*\*/||' -e 's|url("data:[^"]*")|none|g' \
    "$scratch/package/dist/css/design-system.min.css" > "$folder/design-system.min.css"
cp "$scratch/package/LICENSE.txt" "$folder/LICENSE.txt"
describe "$folder" "$package" "$version" MIT design-system.min.css LICENSE.txt

package=axe-core version=4.14.1
folder=$repository/tests/browser/vendor/axe-core-$version
fetch "$package" "$version"
mkdir -p "$folder"
cp "$scratch/package/axe.min.js" "$scratch/package/LICENSE" "$scratch/package/LICENSE-3RD-PARTY.txt" "$folder/"
describe "$folder" "$package" "$version" MPL-2.0 axe.min.js LICENSE LICENSE-3RD-PARTY.txt
