# conform on real devices: what is printed, how it ends, and how it leaves the device. What its tests find is in defects.bats.
# shellcheck disable=SC2030,SC2031 # each test has an output of its own
load helpers

# By a real reader of TAP and of the YAML in it: the verdicts, counts and authorities are those of --json.
@test "prove and a TAP parser take it, and JSON tells the same" {
	local pass fail warn skip
	make_sim two
	make_sim one protocol=v1 v1_table=posted
	prove -Qe 'vfio-migctl conform --only open,arcs/running*' migsim-two
	migctl 0 conform migsim-one --why
	[ -z "$stderr" ]
	# shellcheck disable=SC2016 # perl's
	perl -MTAP::Parser -we 'local $/; my $parser = TAP::Parser->new({tap => <STDIN>}); my (%n, $name);
		while (my $r = $parser->next) {
			if ($r->is_test) { ($name = $r->description) =~ s{^- }{}; $n{$r->has_skip ? "skip" : $r->is_ok ? "pass" : "fail"}++ }
			if ($r->is_yaml) { my $d = $r->data; $n{pass}--, $n{warn}++ if $d->{verdict} eq "warn";
				print "$name\t$d->{authority}\n" }
		}
		die join("; ", $parser->parse_errors) if $parser->parse_errors;
		print STDERR join(" ", map { $n{$_} // 0 } qw(pass fail warn skip)), "\n"' \
		<<<"$output" >"$BATS_TEST_TMPDIR/why" 2>"$BATS_TEST_TMPDIR/counts"
	read -r pass fail warn skip <"$BATS_TEST_TMPDIR/counts"
	migctl 0 conform migsim-one -j
	json ".passed == $pass and .failed == $fail and .warned == $warn and .skipped == $skip
		and .planned == (.tests | length) and .state == \"running\" and .seed == null"
	gojq -r '.tests[] | "\(.name)\t\(.authority)"' <<<"$output" | diff - "$BATS_TEST_TMPDIR/why"
	left_in one running
	# A nak is no fail, and the tests behind it go another way.
	json '.warned == 1 and (.tests[] | select(.verdict == "warn").name) == "arcs/running-to-resuming"
		and (.review | length) == 20 and all(.review[]; .open)
		and ([.review[] | select(.posted)] | length) == 11 and ([.review[] | select(.reviewed)] | length) == 12
		and (.review[] | select(.from == "running" and .to == "resuming") | .outcome == "nak" and .errno == "EINVAL")
		and ([.review[] | select(.outcome == null)] | length) == 8'
	migctl 0 conform migsim-one --illegal --only arcs -j
	json 'all(.review[]; .outcome == (if .posted then "accepted" else "nak" end))'
}

# row PATTERN: a line of stdout
row() { grep -qxE "$1" <<<"$output" || { show_run "no row $1"; return 1; }; }

@test "--matrix: the verdict first, what there is to say, and the questions of the review" {
	make_sim two
	make_sim one protocol=v1
	migctl 0 conform migsim-two --matrix --only arcs
	first_is 'migsim-two conforms (v2): 47 passed'
	out_has $'from \\ to     stop  running  stop-copy  resuming  running-p2p  pre-copy  pre-copy-p2p\nstop  '
	row 'stop-copy +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +- +-'
	sim_fault two 'running-p2p->stop nak errno=EBUSY times=0'
	migctl 12 conform migsim-two --matrix --why --only 'arcs/running-*' --color=always
	[[ $output = $'migsim-two \e[31mdoes not conform\e[0m (v2): 6 of 14 tests failed: arcs/running-to-stop, '* ]]
	row $'running +\e\\[31mFAIL\e\\[0m +[0-9]+ +\e\\[31mFAIL\e\\[0m .*'
	out_has $'arcs/running-to-stop\n      the driver said EBUSY, and the state is running-p2p\n      asked by drivers/vfio/vfio_main.c'
	err_has ': migsim-two: 6 of 14 tests failed, the first: arcs/running-to-stop'
	# One cause is told once, unless who asks is asked for.
	migctl 12 conform migsim-two --matrix --only open,data/drains
	out_has $'\nFAIL  open/state-not-kept, open/data-size, data/drains\n      on the way, running-p2p -> stop: the driver said EBUSY'
	sim_fault two clear
	migctl 0 conform migsim-one --matrix --only arcs
	out_has $'from \\ to     stop    running  stop-copy  resuming  pre-copy\nstop  '
	out_has 'may running   go to resuming   posted no, reviewed yes, open yes; this driver: yes'
	out_has 'may pre-copy  go to stop       posted no, reviewed no,  open yes; this driver: not asked'
	row 'running +p [0-9]+ += [0-9]+ +p [0-9]+ +r [0-9]+ +p [0-9]+'
	sim_fault one 'pre-copy->stop nak errno=EPERM times=0' 'resuming->pre-copy error'
	migctl 12 conform migsim-one --matrix --only arcs --illegal
	out_has 'may pre-copy  go to stop       posted no, reviewed no,  open yes; this driver: no, EPERM'
	out_has 'may resuming  go to pre-copy   posted no, reviewed no,  open yes; this driver: faulted, EIO'
	out_has 'may stop      go to pre-copy   posted no, reviewed no,  open yes; this driver: yes'
}

@test "-E stops at the first fail; of --repeat the worst counts; neither leaves the device elsewhere" {
	make_sim d
	# The engine has a state of it at the beginning: that takes the arc once.
	sim_fault d 'stop->stop-copy delay ms=1 times=3' 'stop->stop-copy nak errno=EAGAIN'
	migctl 12 conform migsim-d --only 'arcs/stop-to-stop-copy' --repeat 5
	out_has 'not ok 1 - arcs/stop-to-stop-copy'
	out_has "detail: 'the driver said EAGAIN, and the state is stop (in repetition 3 of 5)'"
	sim_fault d clear 'running->running-p2p nak times=0'
	migctl 12 conform migsim-d -E --only open/get,arcs -j
	json '(.tests | length) < .planned and .failed == 1 and .tests[-1].verdict == "fail"
		and .error.kind == "check-failed" and .state == "running"'
	left_in d running
	stat_is d open_now 0
}

# signalled SIGNAL STATUS ARC: comes while the driver takes its time.
signalled() {
	sim_fault d clear "$3 delay ms=1000 times=0"
	background env --default-signal="$1" vfio-migctl conform migsim-d --only arcs >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	wait_until 10 stat_is d hanging 1
	kill -s "$1" "$!"
	ended "$!"
	output=$(<"$BATS_TEST_TMPDIR/out") stderr=$(<"$BATS_TEST_TMPDIR/err")
	[ "$status" -eq "$2" ] || { show_run "exit $status, not $2"; return 1; }
	[[ $output = *$'\nBail out! interrupted after '* ]] || { show_run "no Bail out!"; return 1; }
	[[ $output != *$'\nnot ok '* ]]
	left_in d running
	stat_is d open_now 0
}

@test "a signal within a test: the device is brought back, and the run ends by it" {
	make_sim d
	signalled INT 130 'running->pre-copy'
	signalled TERM 143 'stop->resuming'
}

@test "a driver that does not answer: the test that asked, Bail out!, exit 10, and where it hangs" {
	make_sim d
	sim_fault d 'running->pre-copy hang'
	migctl 10 conform migsim-d --only arcs/running-to-pre-copy,reset --timeout 0.5
	out_has $'1..8\nnot ok 1 - arcs/running-to-pre-copy'
	out_has 'running -> pre-copy: writing device_state of migsim-d: no answer within the timeout'
	out_has $'\nBail out! running -> pre-copy: writing device_state of migsim-d: no answer from the driver within 0.5 s'
	[[ $output != *reset/* ]]
	err_has migsim_fault_wait
	stat_is d open_now 0
}

@test "what was asked nothing is not said to conform, and the hint's command runs the test" {
	make_sim d
	migctl 0 conform migsim-d --matrix --only refusals
	[[ $output = 'migsim-d is not judged (v2): 7 skipped'* ]]
	echo takes-invalid >"$SIMS/d/defect"
	migctl 12 conform migsim-d --matrix --illegal --only refusals
	err_has 'hint: --only refusals/no-state --illegal --trace shows the calls'
	echo none >"$SIMS/d/defect"
	echo end-moves >"$SIMS/d/defect"
	migctl 12 conform migsim-d --matrix --only walk --walk 500
	err_has 'hint: --only=walk --replay=STEPS --trace shows the calls'
}

@test "a device of which there is no way back: Bail out!, and how it is left is the status" {
	make_sim d reset=0 keep_state=1
	# Once it goes well, at the beginning.
	sim_fault d 'running-p2p->running delay ms=1 times=1' 'running-p2p->running nak times=0'
	migctl 8 conform migsim-d --only arcs -j
	json '.error.kind == "astray" and .state == "running-p2p" and (.tests | length) < .planned
		and (.error.message | contains("cannot be brought back to running"))'
	sim_fault d clear
	migctl 0 set migsim-d running
	sim_fault d 'stop->stop-copy delay ms=1' 'stop->stop-copy error'
	migctl 9 conform migsim-d --only arcs
	[[ ${output##*$'\n'} = 'Bail out! migsim-d cannot be brought back to running after arcs/'*'it is in error' ]]
}

@test "the device as it was found: in stop, in error, in use" {
	make_sim d keep_state=1
	migctl 0 set migsim-d stop
	migctl 0 conform migsim-d -q --only arcs
	left_in d stop
	echo error >"$SIMS/d/state"
	migctl 0 conform migsim-d --only arcs
	left_in d running
	make_sim e initial_state=error reset=0
	migctl 6 conform migsim-e --only arcs
	out_has 'Bail out! migsim-e was found in error, which only a reset leads out of, and it offers none'
	stat_is e sets 0
	# Another's state is that one's, also a hold's.
	exec 9<>"$(group_node d)"
	migctl 4 conform migsim-d
	[ -z "$output" ]
	exec 9<&-
	background vfio-migctl hold migsim-d
	wait_until 10 stat_is d open_now 1
	migctl 4 conform migsim-d -j
	json '.error.kind == "busy" and (.error.hint | contains("is a hold of it, and this command wants a device that nobody has open")) and .tests == []'
}

@test "a reader that goes away ends it by SIGPIPE, and a full disk with an error: the device is brought back" {
	make_sim two
	status=0
	output=$(set -o pipefail; { vfio-migctl conform migsim-two 2>"$BATS_TEST_TMPDIR/err"; } | head -1) || status=$?
	[ "$status" -eq 141 ] && [ "$output" = 'TAP version 13' ] && [ ! -s "$BATS_TEST_TMPDIR/err" ]
	left_in two running
	status=0
	stderr=$(vfio-migctl conform migsim-two 2>&1 >/dev/full) || status=$?
	[ "$status" -eq 1 ] && [ "$stderr" = 'vfio-migctl: failed: write to standard output: No space left on device' ]
	left_in two running
	stat_is two open_now 0
}
