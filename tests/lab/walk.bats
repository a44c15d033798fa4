# Random walks of conform: over honest devices for long, over others until they are caught.
# shellcheck disable=SC2030,SC2031 # each test has an output of its own
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ae
STEPS=${MIGCTL_LONG:+100000}
STEPS=${STEPS:-2000}

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# walks DEVICE [STEPS]: to the end, with nothing to tell; a failure names its seed.
walks() {
	migctl 0 conform "$1" --only walk --walk "${2:-$STEPS}" -j
	json '.failed == 0 and .warned == 0 and .passed == 1 and .seed > 0' || return
	echo "# $1: $(gojq -r '.tests[0].detail' <<<"$output")"
}

@test "a v2 device, with every set of capabilities" {
	local caps
	for caps in stop-copy stop-copy,p2p stop-copy,pre-copy stop-copy,p2p,pre-copy; do
		make_sim "$caps" caps="$caps"
		walks "migsim-$caps"
	done
	make_sim none reset=0 state_size=4099 chunk_size=97
	walks migsim-none $((STEPS / 4))
	make_sim empty state_size=0
	walks migsim-empty $((STEPS / 4))
	make_sim keeps keep_state=1 profile=mtty
	walks migsim-keeps $((STEPS / 4))
	no_hazards
}

@test "a v1 device, as the posted drivers were" {
	local profile
	for profile in spec mlx5 hisi i40e; do
		make_sim $profile protocol=v1 profile=$profile
		walks migsim-$profile
	done
	make_sim posted protocol=v1 v1_table=posted caps=stop-copy mmap=1 state_size=10001
	walks migsim-posted $((STEPS / 4))
	make_sim none protocol=v1 v1_table=reviewed reset=0
	walks migsim-none $((STEPS / 4))
}

# It offers no reset, and a kernel that has no load to finish does not survive leaving RESUMING.
@test "mtty" {
	mtty_make $UUID
	walks $UUID
}

# caught SETTING LINE MOST REPLAY TEXT: this wrong device is caught with TEXT; by its seed again, in as many steps; and by a
# replay that is like REPLAY, a pattern, and of MOST steps.
caught() {
	local detail replay seed
	echo "$2" >"$SIMS/d/$1"
	migctl 12 conform migsim-d --only walk --walk 5000 -j
	detail=$(gojq -r '.tests[0].detail' <<<"$output")
	seed=$(gojq .seed <<<"$output")
	replay=${detail##*: }
	echo "# $2: $detail"
	json ".tests[0].detail | startswith(\"seed $seed, step \") and contains(\"$5\")" || return
	# shellcheck disable=SC2254 # a pattern
	case $replay in $4) ;; *) echo "the replay is not like $4"; return 1 ;; esac
	[ "$(tr -cd , <<<"$replay" | wc -c)" -lt "$3" ] || { echo "more than $3 steps"; return 1; }
	migctl 12 conform migsim-d --only walk --walk 5000 --seed "$seed" -j
	json ".tests[0].detail | startswith(\"${detail%%:*}\")" || return
	migctl 12 conform migsim-d --only walk --replay "$replay" -j
	json ".tests[0].detail | contains(\"$5\")" || return
	echo clear >"$SIMS/d/$1"
	migctl 0 conform migsim-d --only walk --replay "$replay" -j
}

@test "what is wrong is found, found again by the seed, and by the shortest replay" {
	make_sim d
	caught faults 'stop-copy->stop lie=running times=0' 2 'stop-copy,*' 'the state is running, not'
	caught defect end-once 3 '*stop-copy,drain,*' 'after the end of the data'
	caught defect end-moves 3 '*stop-copy,drain,*' 'stop-copy'
	caught defect second-fd 2 'pre-copy*,stop-copy' 'gave a data_fd'
	caught defect load-fd-lives 3 'resuming,*' 'the data_fd of the session that is over moves data'
	rmdir "$SIMS/d"
	make_sim d protocol=v1
	caught data_faults corrupt=100 3 'resuming,write*' 'with all of a state that it gave'
	caught defect precopy-abort-stops 2 'pre-copy,running' 'the state is stop, not running'
}

@test "TAP names the seed; what is not legal is not walked; a signal ends it, and the device is brought back" {
	make_sim d
	migctl 0 conform migsim-d --only walk --walk 10 --seed 7
	out_has $'\n# seed 7\nok 1 - walk/random'
	migctl 0 conform migsim-d --only walk
	out_has 'ok 1 - walk/random # SKIP only with --walk N'
	migctl 0 conform migsim-d --only walk --replay stop-copy,pre-copy
	out_has 'SKIP step 2, pre-copy, is not legal in stop-copy'
	no_hazards
	background vfio-migctl conform migsim-d --only walk --walk 100000000 >"$BATS_TEST_TMPDIR/out"
	sleep 1
	kill -TERM "$!"
	ended "$!"
	[ "$status" -eq 143 ]
	grep -q '^Bail out! interrupted' "$BATS_TEST_TMPDIR/out"
	left_in d running
}
