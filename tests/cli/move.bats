#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# save, restore and inspect, as far as they go without a device.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
load helper

GOLDEN=$BATS_TEST_DIRNAME/../unit/golden/v1.state

@test "save says what is wrong with its words before it looks for the device" {
	local word file=$BATS_TEST_TMPDIR/there

	expect 2 save 0000:00:00.0 - --json
	json '.error.kind == "usage" and (.error.message | contains("standard output")) and .device == null'
	echo mine >"$file"
	expect 1 save 0000:00:00.0 "$file"
	one_error failed
	[[ $err == *"exists already"*"--force"* && $(<"$file") == mine ]]
	expect 1 save 0000:00:00.0 "$BATS_TEST_TMPDIR/none/file"
	one_error failed
	for word in 0 -1 1X 16MB 99999999999999999999 16E '' ' 1' 1.5M; do
		expect 2 save 0000:00:00.0 "$BATS_TEST_TMPDIR/f" --rate="$word"
		one_error usage
		expect 2 save 0000:00:00.0 "$BATS_TEST_TMPDIR/f" --precopy-until="1M,$word$([[ $word == 0 ]] && echo q)"
		one_error usage
	done
	for word in 0 20 x 3x -1; do
		expect 2 save 0000:00:00.0 "$BATS_TEST_TMPDIR/f" --compress="$word"
		one_error usage
	done
	for word in 0 64K 1MiB 2G,5s 1.5s 0s; do
		expect 3 save migsim-none "$BATS_TEST_TMPDIR/f" --precopy-until="$word" --rate=1
	done
	[[ ! -e $BATS_TEST_TMPDIR/f ]]
	[[ -z $(find "$BATS_TEST_TMPDIR" -name '.*f*') ]]
}

@test "restore looks at its input before it looks for the device" {
	expect 1 restore 0000:00:00.0 "$BATS_TEST_TMPDIR/none"
	one_error failed
	expect 11 restore 0000:00:00.0 /etc/passwd
	one_error bad-state
	expect 11 restore 0000:00:00.0 /dev/null
	one_error bad-state
	expect 1 restore 0000:00:00.0 /tmp
	one_error failed
	head -c -1 "$GOLDEN" >"$BATS_TEST_TMPDIR/short"
	expect 11 restore 0000:00:00.0 "$BATS_TEST_TMPDIR/short"
	one_error bad-state
	expect 3 restore migsim-none "$GOLDEN"
	one_error no-device
}

@test "inspect: what it is of, whether it is whole, text and JSON" {
	expect 0 inspect "$GOLDEN"
	[[ ${out%%$'\n'*} == "whole: "*" bytes"*" in "*" chunk"* && -z $err ]]
	expect 0 inspect "$GOLDEN" -j
	json '.schema == 1 and .command == "inspect" and .whole and .bytes > 0 and .chunks > 0 and .compatible_with == null
		and (.digest | test("^xxh3-128:[0-9a-f]{32}$")) and .protocol == "v2" and (.device | has("name") and has("driver") and has("bus"))
		and has("saved_at") and has("host") and has("capabilities") and has("firmware") and (has("error") | not)'
	# One read too few is not whole: what is known is told all the same.
	head -c -8 "$GOLDEN" >"$BATS_TEST_TMPDIR/short"
	expect 11 inspect "$BATS_TEST_TMPDIR/short"
	[[ $out == "not whole: "* && $err == "vfio-migctl: bad-state: "* ]]
	expect 11 inspect "$BATS_TEST_TMPDIR/short" -j
	json '.whole == false and .digest == null and .error.kind == "bad-state" and .protocol == "v2" and .bytes > 0 and .chunks > 0'
	# A failure of ours says nothing of the file.
	expect 1 inspect "$GOLDEN" --raw=/dev/full
	[[ $out == "not read to its end: "* ]]
	expect 1 inspect "$GOLDEN" --raw=/dev/full -j
	json '.whole == null and .error.errno == "ENOSPC"'
	"$MIGCTL" inspect - <"$GOLDEN" >"$BATS_TEST_TMPDIR/piped"
	[[ $(sed 1d "$BATS_TEST_TMPDIR/piped") == "$("$MIGCTL" inspect "$GOLDEN" | sed 1d)" ]]
}

@test "inspect: the driver's bytes, raw and as a dump" {
	local raw=$BATS_TEST_TMPDIR/raw

	expect 0 inspect "$GOLDEN" --raw="$raw"
	[[ $(stat -c %a "$raw") == 600 ]]
	expect 0 inspect "$GOLDEN" -j
	json ".bytes == $(stat -c %s "$raw")"
	expect 1 inspect "$GOLDEN" --raw="$raw"
	[[ $err == *"exists already"* ]]
	expect 0 inspect "$GOLDEN" --raw="$raw" --force
	"$MIGCTL" inspect "$GOLDEN" --raw=- 2>"$BATS_TEST_TMPDIR/said" | cmp - "$raw"
	grep -q '^whole: ' "$BATS_TEST_TMPDIR/said"
	[[ -z $("$MIGCTL" inspect "$GOLDEN" --raw=- -q 2>&1 >/dev/null) ]]
	# The dump, taken together without its chunks' headings, is what od makes of the bytes.
	expect 0 inspect "$GOLDEN" --hexdump
	grep -v ^chunk "$BATS_TEST_TMPDIR/out" | sed 's/^[0-9a-f]*  //; s/  |.*//' | tr -s ' \n' '\n' >"$BATS_TEST_TMPDIR/dumped"
	od -An -v -tx1 "$raw" | tr -s ' \n' '\n' | sed '/^$/d' | diff - <(sed '/^$/d' "$BATS_TEST_TMPDIR/dumped")
	# Nobody can read it: that is noticed at the first piece, not at the end.
	run timeout 5 bash -c '"$0" inspect - --hexdump >/dev/full 2>&1' "$MIGCTL" < <(head -c 600 "$GOLDEN"; exec sleep 6)
	[[ $status -eq 1 ]]
	expect 2 inspect "$GOLDEN" --hexdump -j
	json '.error.kind == "usage"'
	expect 2 inspect "$GOLDEN" --hexdump --raw=-
	one_error usage
	expect 3 inspect "$GOLDEN" --for=migsim-none
	one_error no-device
}

@test "zstd around it is taken off" {
	command -v zstd || skip "no zstd(1) here"
	zstd -q "$GOLDEN" -o "$BATS_TEST_TMPDIR/z"
	expect 0 inspect "$BATS_TEST_TMPDIR/z" -j
	json '.whole'
	head -c -3 "$BATS_TEST_TMPDIR/z" >"$BATS_TEST_TMPDIR/cut"
	expect 11 inspect "$BATS_TEST_TMPDIR/cut"
	echo text | zstd -q -o "$BATS_TEST_TMPDIR/text"
	expect 11 inspect "$BATS_TEST_TMPDIR/text"
	one_error bad-state
}
