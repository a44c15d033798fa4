#!/bin/bash
# Walks every v2 route of the built-in table on a device; says what differs and how many were walked. See routes.bats.
#   routes.bash sim CAPS    on a simulated device, which logs its arcs
#   routes.bash mtty        on the kernel's sample, which does not
# Many routes go into one process, for a process costs a tenth of a second under TCG.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/helpers.bash"

WORDS_MAX=58 # vfio-migctl takes 62 states

fail() { printf '%s\n' "$*"; exit 1; }

# Sets PAIRS, in the table's order, and ARCS["from to"]: "from hop,hop hop,".
read_table() {
	local from route hop at
	declare -gA ARCS=()
	PAIRS=()
	while read -r from route; do
		PAIRS+=("$from ${route##* }")
		at=$from arcs=
		for hop in $route; do
			arcs+="$at $hop,"
			at=$hop
		done
		ARCS["$from ${route##* }"]=$arcs
	done < <(vfio-migctl table v2 --caps "$1" -j | gojq -r '.arcs[] | "\(.from) \(.route | join(" "))"')
}

# add STATE: one more word of the walk, itself a route of the table.
add() {
	[ -n "${ARCS["$AT $1"]:-}" ] || fail "the table has no way $AT -> $1"
	WORDS+=("$1")
	WANT+=${ARCS["$AT $1"]}
	AT=$1
}

start() { AT=running WORDS=() WANT=; }

# append PAIR: on from where the walk is to the pair's first state, over running where there is no way back, and to its second.
append() {
	local from=${1% *}
	[ "$AT" = "$from" ] || [ -n "${ARCS["$AT $from"]:-}" ] || add running
	[ "$AT" = "$from" ] || add "$from"
	add "${1#* }"
}

# set_words DEVICE [OPTION]: every step has to end where it was asked to.
set_words() {
	text=$(vfio-migctl set "$1" "${WORDS[@]}" -j "${@:2}") || fail "set ${WORDS[*]} ${*:2}: $text"
	gojq -e 'all(.steps[]; .outcome == "accepted" and .after == .to)' <<<"$text" >/dev/null || fail "${*:2}: $text"
}

# The driver must be asked for the table's arcs and no others, by one SET a word (--direct), or by one SET an arc.
check_walk() {
	local before passed arcs option want sets
	arcs=${WANT//[!,]/}
	for option in --direct ''; do
		want=${#arcs}
		[ -z "$option" ] || want=${#WORDS[@]}
		echo >"$SIMS/r/trace"
		before=$(sim_stat r sets)
		set_words migsim-r ${option:+"$option"}
		passed=$(sim_arcs r | tr '\n' ,)
		[ "$passed" = "$WANT" ] || fail "set ${WORDS[*]} $option: the kernel went $passed the table says $WANT"
		sets=$(($(sim_stat r sets) - before))
		[ "$sets" -eq "$want" ] || fail "set ${WORDS[*]} $option: $sets SETs, not $want"
	done
	start
}

# The state is of no size, so that RESUMING can be left without loading anything.
sim() {
	local pair
	read_table "$1"
	make_sim r "caps=$1" state_size=0 || fail "no simulated device"
	start
	for pair in "${PAIRS[@]}"; do
		append "$pair"
		[ ${#WORDS[@]} -lt $WORDS_MAX ] || check_walk
	done
	check_walk
	echo "${#PAIRS[@]} routes"
}

# ends STATUS STATE ARGUMENT...
ends() {
	text=$(vfio-migctl set "${@:3}" -j)
	if [ $? -ne "$1" ] || [[ $text != *'"state":"'"$2"'"'* ]]; then fail "set ${*:3}: not $1 and $2: $text"; fi
}

# mtty leaves RESUMING only with data (EINVAL, and it stays), keeps its state over close, and announces no reset: what is there
# is made anew.
mtty() {
	local uuid=6f1de5a2-0c1c-4f0e-9c59-000000000091 pair option walked=0 stayed=0
	read_table stop-copy,p2p,pre-copy
	mtty_make "$uuid" || fail "no mtty"
	start
	for pair in "${PAIRS[@]}"; do
		[[ $pair != *resuming* ]] || continue
		append "$pair"
		walked=$((walked + 1))
		[ ${#WORDS[@]} -lt $WORDS_MAX ] && [ "$walked" -lt 30 ] && continue
		for option in --direct ''; do
			set_words "$uuid" ${option:+"$option"}
			ends 0 running "$uuid" running
		done
		start
	done
	for pair in "${PAIRS[@]}"; do
		[[ $pair = *resuming* ]] || continue
		for option in --direct ''; do
			# shellcheck disable=SC2086 # words, one of them perhaps absent
			if [ "${pair#* }" = resuming ]; then
				ends 0 resuming "$uuid" $pair $option
			else
				ends 7 resuming "$uuid" $pair $option
				stayed=$((stayed + 1))
			fi
			mtty_remove "$uuid"
			mtty_make "$uuid"
		done
		walked=$((walked + 1))
	done
	mtty_remove "$uuid"
	echo "$walked routes, $((stayed / 2)) of them stay in resuming"
}

"$@"
