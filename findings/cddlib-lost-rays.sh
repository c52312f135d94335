#!/usr/bin/env bash
# cddlib 0.94m (Debian's libcdd-tools): of a cone in R^9 by 30 inequalities with whole numbers up to 9, cddexec --rep, in floats, prints
# 1,593 rays, cddexec_gmp, exactly, 1,598. Exit code 0, no message. Of 1,000 random cones of that kind (7 <= d <= 9, 24 to 37 rows) nine
# had lost rays, one of them 2,049 of 2,124, without a message; one ended in "Numerical inconsistency is found", with exit code 0 as
# well. So counts of the float programs need an exact one beside them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && apt-get download libcdd-tools=094m-1 libcdd0d=094m-1 libgmp10 && for file in *.deb; do dpkg -x "$file" .; done) >/dev/null 2>&1
libraries=$(dirname "$(find "$folder" -name 'libcdd.so*' | head -n 1)")
export PATH="$folder/usr/bin:$PATH" LD_LIBRARY_PATH="$libraries"
rows='0 2 -3 8 6 1 4 3 -9 3
0 0 6 -3 7 8 6 -5 6 8
0 -4 6 -3 4 7 3 -1 6 -4
0 5 -7 -9 -4 -5 -6 9 -4 8
0 1 8 5 5 -9 0 -4 7 0
0 1 -1 -3 4 -2 -3 -3 3 2
0 1 -4 3 -2 8 2 -4 -3 -2
0 3 0 -6 -8 0 -7 -3 -3 8
0 6 2 5 -6 8 7 9 3 -5
0 -3 1 4 7 -9 5 5 6 8
0 5 -5 3 0 6 6 -5 4 8
0 4 2 -1 -5 2 -5 -3 9 8
0 -8 -1 3 7 7 3 -1 5 2
0 7 5 7 -5 3 0 -2 -3 0
0 3 -6 8 7 -5 0 6 -1 8
0 8 -5 4 1 -4 -3 -7 -1 3
0 -5 -7 -5 7 5 7 6 -2 -2
0 6 9 -5 -6 8 4 8 -9 3
0 -6 9 0 5 4 4 5 -2 5
0 -1 -3 8 6 4 -5 -4 -4 4
0 2 1 -8 -1 3 4 -1 -3 0
0 -3 1 -5 8 -4 5 9 -6 4
0 8 5 -9 5 -1 -9 9 -3 4
0 9 4 7 -3 3 -7 7 3 6
0 -3 8 -4 7 9 -5 -3 -7 2
0 -7 5 3 5 -8 6 3 4 8
0 -3 2 -7 9 -9 4 0 9 1
0 -6 -2 2 2 8 -5 -2 7 2
0 -3 -3 -2 -6 4 6 3 7 8
0 4 6 -8 7 -3 8 5 8 -8'
rays() { # program, kind of numbers
  printf 'H-representation\nbegin\n30 10 %s\n%s\nend\n' "$2" "$rows" | "$1" --rep 2>/dev/null |
    awk 'next_is { print $1; next_is = 0 } /^begin/ { next_is = 1 }'
}
found="$(rays cddexec real) rays in floats, $(rays cddexec_gmp rational) exactly"
echo "$found"
[[ $found == '1593 rays in floats, 1598 exactly' ]] || { echo 'CHANGED'; exit 1; }
echo 'as described'
