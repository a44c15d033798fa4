# Every v2 route as the running kernel composes it, against the built-in table: 91 of them under the four sets of
# capabilities, by one SET to the target (--direct) and again arc by arc.
load helpers

# routes WHAT... LAST-LINE
routes() {
	run bash "$BATS_TEST_DIRNAME/routes.bash" "${@:1:$#-1}"
	if [ "$status" -ne 0 ] || [ "$output" != "${!#}" ]; then
		show_run "exit $status"
		return 1
	fi
}

# blocked CAPS [PAIR...]: the two ways that lock a kernel up are refused, whatever is asked for.
blocked() {
	local caps=$1 pair option
	shift
	run vfio-migctl table v2 --caps "$caps" -j
	run gojq -r '.blocked[] | "\(.from) \(.to)"' <<<"$output"
	[ "$output" = "$(printf '%s\n' "$@")" ] || { show_run "not blocked: $*"; return 1; }
	make_sim r "caps=$caps"
	for pair; do
		for option in '' --direct --force; do
			# shellcheck disable=SC2086 # words, one of them perhaps absent
			migctl 6 set migsim-r $pair $option || return
		done
	done
	stat_is r sets 0
}

@test "12 routes with stop-copy only are the kernel's" { routes sim stop-copy "12 routes"; }
@test "20 routes with p2p are the kernel's" { routes sim stop-copy,p2p "20 routes"; }
@test "19 routes with pre-copy are the kernel's" { routes sim stop-copy,pre-copy "19 routes"; }
@test "40 routes with p2p and pre-copy are the kernel's" { routes sim stop-copy,p2p,pre-copy "40 routes"; }

@test "nothing is blocked without pre-copy" { blocked stop-copy,p2p; }
@test "pre-copy: stop-copy -> pre-copy is refused, and nothing is written" {
	blocked stop-copy,pre-copy "stop-copy pre-copy"
}
@test "p2p and pre-copy: both ways back from stop-copy are refused, and nothing is written" {
	blocked stop-copy,p2p,pre-copy "stop-copy pre-copy" "stop-copy pre-copy-p2p"
}

# mtty logs no arcs; what can be compared is where it ends.
@test "the 40 routes of mtty end where their walks end" { routes mtty "40 routes, 6 of them stay in resuming"; }
