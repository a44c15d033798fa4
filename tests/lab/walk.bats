# Random walks of conform: over honest devices for long, over others until they are caught.
# shellcheck disable=SC2016,SC2030,SC2031 # variables of gojq; each test has an output of its own
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ae
# Of a walk over the devices that there are, of those that differ a little, and of rare ones.
STEPS=2000 OTHERS=2000 FEW=500
[ -z "${MIGCTL_LONG:-}" ] || STEPS=100000 OTHERS=20000 FEW=5000

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# What TAP says of the one test.
detail() {
	local detail=${output#*"detail: '"}
	echo "${detail%%\'*}"
}

# walks DEVICE STEPS: to the end, with nothing to tell; a failure names its seed.
walks() {
	migctl 0 conform "$1" --only walk --walk "$2"
	out_has $'\nok 1 - walk/random\n  ---\n  verdict: pass\n' || return
	echo "# $1: $(detail)"
}

@test "a v2 device, with every set of capabilities" {
	local caps
	make_sim all
	walks migsim-all $STEPS
	for caps in stop-copy stop-copy,p2p stop-copy,pre-copy; do
		make_sim "$caps" caps="$caps"
		walks "migsim-$caps" $OTHERS
	done
	make_sim none reset=0 state_size=4099 chunk_size=97
	walks migsim-none $FEW
	make_sim empty state_size=0
	walks migsim-empty $FEW
	make_sim keeps keep_state=1 profile=mtty
	walks migsim-keeps $FEW
	no_hazards
}

@test "a v1 device, as the posted drivers were" {
	local profile
	make_sim spec protocol=v1
	walks migsim-spec $STEPS
	for profile in mlx5 hisi i40e; do
		make_sim $profile protocol=v1 profile=$profile
		walks migsim-$profile $OTHERS
	done
	make_sim posted protocol=v1 v1_table=posted caps=stop-copy mmap=1 state_size=10001
	walks migsim-posted $FEW
	make_sim none protocol=v1 v1_table=reviewed reset=0
	walks migsim-none $FEW
}

# It offers no reset, and a kernel that has no load to finish does not survive leaving RESUMING.
@test "mtty" {
	mtty_make $UUID
	walks $UUID $STEPS
}

# caught SETTING LINE MOST REPLAY TEXT: this wrong device is caught with TEXT; by its seed again, in as many steps; and by a
# replay that is like REPLAY, a pattern, and of MOST steps.
caught() {
	local commas detail replay seed
	echo "$2" >"$SIMS/d/$1"
	migctl 12 conform migsim-d --only walk --walk 5000
	seed=${output#*"# seed "}
	seed=${seed%%$'\n'*}
	detail=$(detail)
	replay=${detail##*: }
	echo "# $2: $detail"
	commas=${replay//[^,]/}
	# shellcheck disable=SC2053 # a pattern
	[[ $detail = "seed $seed, step "*"$5"* && $replay = $4 && ${#commas} -lt $3 ]] || return
	migctl 12 conform migsim-d --only walk --walk 5000 --seed "$seed"
	[[ $(detail) = "${detail%%:*}:"* ]] || { show_run "not at ${detail%%:*}"; return 1; }
	migctl 12 conform migsim-d --only walk --replay "$replay"
	[[ $(detail) = *"$5"* ]] || { show_run "the replay fails in another way"; return 1; }
	echo clear >"$SIMS/d/$1"
	migctl 0 conform migsim-d --only walk --replay "$replay"
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
	migctl 0 conform migsim-d --only walk --walk 10 -j
	json '.seed > 0 and .passed == 1 and (.seed as $seed | .tests[0].detail | startswith("seed \($seed): 10 steps"))'
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
