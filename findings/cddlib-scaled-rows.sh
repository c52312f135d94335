#!/usr/bin/env bash
# cddlib 0.94m (Debian's libcdd-tools): cddexec --rep, which computes in floats, loses facets of a unit square without a word, if one
# of its four inequalities is written times 1e-7 (answer: two corners and the ray (1, 0)), and if the square lies 1e8 away, which
# doubles represent exactly (answer: a line). Exit code 0, nothing on standard error but sizes. Exact arithmetic (cddexec_gmp) finds the
# four corners in both. Cause: rays are scaled by their smallest entry, and signs decided by an absolute 1e-7.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && apt-get download libcdd-tools=094m-1 libcdd0d=094m-1 libgmp10 && for file in *.deb; do dpkg -x "$file" .; done) >/dev/null 2>&1
libraries=$(dirname "$(find "$folder" -name 'libcdd.so*' | head -n 1)")
export PATH="$folder/usr/bin:$PATH" LD_LIBRARY_PATH="$libraries"
generators() { # program, kind of numbers, four rows (b, -a)
  printf 'H-representation\nbegin\n4 3 %s\n%s\n%s\n%s\n%s\nend\n' "${@:2}" | "$1" --rep 2>/dev/null |
    awk 'next_is { print $1; next_is = 0 } /^begin/ { next_is = 1 }'
}
found=""
for rows in '1/10000000 -1/10000000 0|0 1 0|1 0 -1|0 0 1' '100000001 -1 0|-100000000 1 0|1 0 -1|0 0 1'; do
  IFS='|' read -r a b c d <<<"$rows"
  exact=$(generators cddexec_gmp rational "$a" "$b" "$c" "$d")
  floats=$(generators cddexec real "${a//1\/10000000/1e-7}" "$b" "$c" "$d")
  found+="exactly $exact generators, in floats $floats; "
done
echo "$found"
[[ $found == 'exactly 4 generators, in floats 3; exactly 4 generators, in floats 1; ' ]] || { echo 'CHANGED'; exit 1; }
echo 'as described'
