#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# conform without a device: its words, the list of its tests, whose rules they are.

# shellcheck disable=SC2154 # what helper.bash sets
load helper

# The kernel's source, where the lab has it.
LINUX=${MIGCTL_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vfio-migctl-lab}/debug/build

@test "--list names the tests of both protocols, and needs no device" {
	expect 0 conform --list
	[[ $out == *"v1  open/first-state"*"v2  open/first-state"* ]] || blame "no first-state"
	[[ $out == *"v2  refusals/error-state  (--illegal)"* ]] || blame "illegal is not told"
	[[ -z $err ]] || blame "it talks on stderr"
	# With neither names nor capabilities, the same in every run.
	cp "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/first"
	expect 0 conform --list
	cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/out"
	expect 0 conform --list --protocol v2 --caps stop-copy --only 'arcs,open/get'
	[[ $out != *"v1  "* && $out != *pre-copy* && $out != *p2p* ]] || blame "more than asked for"
	# 4 states, each to each.
	[[ $(grep -c '^v2  arcs/' <<<"$out") -eq 16 && $(grep -c . <<<"$out") -eq 17 ]] || blame "not 17"
}

@test "completion offers every group and test" {
	local option
	expect 0 conform --list --json
	gojq -r '.tests[].name | ., split("/")[0]' "$BATS_TEST_TMPDIR/out" | sort -u >"$BATS_TEST_TMPDIR/names"
	for option in --only --skip; do
		expect 0 --list-values $option
		sort -u "$BATS_TEST_TMPDIR/out" | diff "$BATS_TEST_TMPDIR/names" -
	done
}

@test "each transition of the tables is asked for, and no hazard" {
	local caps
	expect 0 conform --list --json --protocol v1 --only arcs
	# 20 pairs of the open table and 5 states to themselves; 8 of them the review only asks about.
	json '(.tests | length) == 25 and ([.tests[] | select(.illegal)] | length) == 8'
	for caps in stop-copy stop-copy,p2p stop-copy,pre-copy stop-copy,p2p,pre-copy; do
		expect 0 table v2 --caps "$caps" --json
		gojq -r '(.arcs[] | "arcs/\(.from)-to-\(.to)"), ((.states - ["error"])[] | "arcs/\(.)-to-\(.)")' \
			"$BATS_TEST_TMPDIR/out" | sort >"$BATS_TEST_TMPDIR/table"
		expect 0 conform --list --json --protocol v2 --only arcs --caps "$caps"
		gojq -r '.tests[].name' "$BATS_TEST_TMPDIR/out" | sort | diff "$BATS_TEST_TMPDIR/table" -
	done
	expect 0 conform --list --only 'arcs/stop-copy-to-*'
	[[ $out != *"v2  arcs/stop-copy-to-pre-copy"* ]] || blame "a hazard"
}

@test "--list --json has the keys, and an authority for every test" {
	expect 0 conform --list --json
	json '.schema == 1 and .command == "conform" and (has("error") | not) and (.tests | length) > 150
		and all(.tests[]; (.protocol | IN("v1", "v2")) and (.illegal | type) == "boolean"
			and (.name | test("^[a-z]+/[a-z0-9-]+$")) and (.authority | test("^[^:]+: .")))'
	expect 0 conform --list --why
	[[ $(grep -c '^      ' <<<"$out") -eq $(grep -c '^v[12]  ' <<<"$out") ]] || blame "not one a test"
}

# What the v1 header of 5.8 to 5.17 says, and the review, is in no later source: of these only the form is looked at.
@test "what each test cites stands where it says, in the kernel's source" {
	local line file what bad=0 found=0
	[[ -e $LINUX/drivers/vfio/vfio_main.c ]] || skip "no source of Linux 6.12 in $LINUX (tests/lab/lab setup --kernel debug)"
	expect 0 conform --list --json
	while IFS= read -r line; do
		case $line in
		'include/uapi/linux/vfio.h (5.8-5.17), struct vfio_device_migration_info: '?*) continue ;;
		'thread: '[A-Z][a-z]*': '?*) continue ;;
		esac
		file=${line%%,*} what=${line#*, }
		what=${what%%: *}
		what=${what%"()"}
		if [[ $what && -f $LINUX/$file ]] && grep -qwF -e "$what" "$LINUX/$file"; then
			found=$((found + 1))
		else
			echo "$file has no \"$what\": $line" && bad=1
		fi
	done < <(gojq -r '.tests[].authority' "$BATS_TEST_TMPDIR/out" | sort -u)
	[[ $bad -eq 0 && $found -gt 10 ]]
}

@test "what it does not take" {
	local option
	expect 2 conform
	one_error usage
	[[ $err == *"conform wants a DEVICE"* ]] || blame "not said"
	expect 2 conform --json
	json '.error.kind == "usage" and .device == null and .tests == []'
	for option in --repeat=0 --repeat=x --repeat=-1 --walk=0 --seed=0x --seed=18446744073709551616 --replay=nix; do
		expect 2 conform "$option" --list
		one_error usage
	done
	for option in --only=nix --skip=open/nix --only=open,,arcs --only=; do
		expect 2 conform "$option" --list
		one_error usage
		[[ $err == *"${option%%=*}: no test of "* ]] || blame "not said"
	done
	# Of one protocol only: the other one's is none to complain of.
	expect 0 conform --list --only 'region/*'
	[[ $out != *"v2  "* ]] || blame "v2 has no region"
	expect 3 conform fffe:ff:1f.7
	one_error no-device
}

@test "words that cannot be meant together are refused, not passed over" {
	local words
	for words in '--protocol v1' '--caps stop-copy' '--seed 3' '--replay stop --walk 5' '--replay stop --seed 3'; do
		# shellcheck disable=SC2086 # words
		expect 2 conform 0000:00:00.0 $words
		[[ $err == *'usage: --'* ]] || blame "$words"
	done
}
