# conform is worth what it finds: every defect that migsim can have, and nothing on a device that has none.
load helpers
load defects

# brief FOUND: the first four, in a line
brief() {
	local line all=()
	while IFS= read -r line; do all+=("${line#fail }"); done <<<"$1"
	[ ${#all[@]} -le 4 ] || all=("${all[@]:0:3}" "and $((${#all[@]} - 3)) more")
	line=$(printf ', %s' "${all[@]}")
	echo "${line:2}"
}

# find_defect WORD PROTOCOL SETTINGS PATTERN...
find_defect() {
	local word=$1 protocol=$2 settings=$3 found wrong sim
	shift 3
	sim_for "$protocol" "$settings" || return
	echo "$word" >"$SIMS/$sim/defect" || return
	found=$(verdicts "migsim-$sim" --illegal)
	echo none >"$SIMS/$sim/defect"
	wrong=$(differs "$found" "$@")
	echo "# $word ($protocol): $(brief "$found")" >&3
	[ -z "$wrong" ] || { printf '%s (%s):\n%s\n' "$word" "$protocol" "$wrong" && return 1; }
}

# The table's rows for this kernel, and the module's own list: none of its words may be without a row.
find_defects() {
	local column line word protocols protocol bad=0 settings
	declare -A left
	while read -r word protocols; do
		for protocol in $protocols; do left["$word $protocol"]=1; done
	done <"$SIMS/defects"
	while IFS= read -r line; do
		[[ $line = [a-z]*\|* ]] || continue
		columns "$line"
		word=${column[0]} protocol=${column[1]} settings=${column[2]}
		[ -n "${left["$word $protocol"]:-}" ] || { echo "no defect of migsim: $word $protocol" && bad=1 && continue; }
		unset "left[$word $protocol]"
		if [[ $settings = debug* ]]; then
			[ "$MIGCTL_LAB_KERNEL" = debug ] || continue
			settings=${settings#debug}
			settings=${settings#;}
		elif [[ $MIGCTL_LAB_KERNEL = debug && -z ${MIGCTL_LONG:-} ]]; then
			continue
		fi
		# shellcheck disable=SC2086 # patterns, none of which has a blank
		set -f && set -- ${column[3]//,/ } && set +f
		[ $# -gt 0 ] || { echo "$word $protocol: nothing finds it" && bad=1; }
		find_defect "$word" "$protocol" "$settings" "$@" || bad=1
	done <"$BATS_TEST_DIRNAME/defects.table"
	for word in "${!left[@]}"; do echo "not in defects.table: $word" && bad=1; done
	return "$bad"
}

@test "every defect is found by the tests that ask for its rule, and by no other" {
	untraced find_defects
}

# expected SUBJECT DEVICE ARGUMENT...: it fails no test, and warns where conform.expected says that SUBJECT may.
expected() {
	local subject=$1 device=$2 column line wrong patterns=()
	shift 2
	while IFS= read -r line; do
		columns "$line"
		[ "${column[0]:-}" != "$subject" ] || patterns+=("${column[1]}")
	done <"$BATS_TEST_DIRNAME/conform.expected"
	wrong=$(differs "$(verdicts "$device" "$@")" "${patterns[@]}")
	[ -z "$wrong" ] || { printf '%s (%s):\n%s\n' "$subject" "$device" "$wrong" && return 1; }
}

# What conform.expected calls it, its protocol, its settings, and whether the debug kernel is to look at it too.
pass_clean() {
	local column line sim bad=0
	while IFS= read -r line; do
		columns "$line"
		[[ $MIGCTL_LAB_KERNEL != debug || -n ${column[3]:-} || -n ${MIGCTL_LONG:-} ]] || continue
		sim_for "${column[1]}" "${column[2]}" || return
		expected "${column[0]}" "migsim-$sim" --illegal || bad=1
	done <<-EOT
		clean | v2 | caps=stop-copy
		clean | v2 | caps=stop-copy,p2p
		clean | v2 | caps=stop-copy,pre-copy
		clean | v2 | caps=stop-copy,p2p,pre-copy | debug
		clean | v2 | state_size=0
		clean | v2 | state_size=1
		clean | v2 | state_size=63
		clean | v2 | state_size=65537; chunk_size=1000 | debug
		kept | v2 | logging=0; keep_state=1
		clean | v2 | reset=0
		pre-copy-ends | v2 | profile=mtty
		clean | v1 | v1_table=open
		clean | v1 | v1_table=reviewed
		posted | v1 | v1_table=posted
		no-pre-copy | v1 | caps=stop-copy
		clean | v1 | state_size=0
		clean | v1 | state_size=1
		clean | v1 | state_size=65537; chunk_size=1000 | debug
		clean | v1 | mmap=1 | debug
		bits | v1 | region_index=3; reserved_bits=0x80000100
		clean | v1 | reset=0
		mlx5 | v1 | profile=mlx5
		hisi | v1 | profile=hisi
	EOT
	return "$bad"
}

@test "what has no defect passes: every protocol, capability, size and quirk" {
	untraced pass_clean
}

MTTY_UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000cf

@test "mtty passes, with the warnings that are explained" {
	local status=0
	mtty_make $MTTY_UUID
	untraced expected mtty $MTTY_UUID || status=$?
	mtty_remove $MTTY_UUID
	return $status
}
