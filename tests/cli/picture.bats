#!/usr/bin/env bats
# The README's picture of the v1 table was drawn from `table --dot`: arc for arc it still is.

load helper

@test "the picture of the v1 table has the arcs of table --dot" {
  local picture="$BATS_TEST_DIRNAME/../../man/v1-table.svg"
  local drawn told
  drawn=$(sed -n 's/.*<title>\(.*\)&#45;&gt;\(.*\)<\/title>.*/\1 \2/p' "$picture" |
    sed 's/&#45;/-/g' | sort)
  told=$("$MIGCTL" table --dot | sed -n 's/^\t"\(.*\)" -> "\(.*\)" .*/\1 \2/p' | sort)
  [ -n "$told" ]
  diff <(echo "$drawn") <(echo "$told")
}
