# shellcheck disable=SC2030,SC2031,SC2034 # one test is one shell; what json reads
# bench: what it measures, and that the device is left as it was found, whatever comes between.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000be

setup() { lab_setup && own_dir; }

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# Of the last run the median of an arc, in microseconds.
median() { gojq -e ".arcs[] | select(.from == \"$1\" and .to == \"$2\") | .usec.median" <<<"$output"; }

# all_measured PROTOCOL ARCS STATE-SIZE
all_measured() {
	migctl 0 bench migsim-d --cycles 10 -j
	json ".protocol == \"$1\" and .state == \"running\" and .cycles == 10 and (.arcs | length) == $2 and (has(\"error\") | not)
		and all(.arcs[]; .n >= 5 and .naks == 0 and .errno == null and .usec.min > 0 and .usec.min <= .usec.median
			and .usec.median <= .usec.p99 and .usec.p99 <= .usec.max)
		and .save.bytes == $3 and .save.usec > 0 and .save.bytes_per_sec > 0 and .restore.bytes == $3 and .restore.bytes_per_sec > 0
		and ([.save.chunks[].chunk] | sort) == [4096, 16384, 65536, 262144, 1048576] and all(.restore.chunks[]; .n == 2)
		and .stop_usec.min > 0 and .load_usec.median > 0 and .get_usec.median > 0 and .budget == null"
	left_in d running
	stat_is d naks 0
	stat_is d resets 0
	same_state d d
}

@test "every arc, save, restore and the time stopped, v1" {
	make_sim d protocol=v1 state_size=300000
	all_measured v1 12 300000
	# A window of 4 KiB is read in calls of 1 KiB, and written in such.
	migctl 0 bench migsim-d --cycles 1 --chunk 1K --trace
	err_has ': pread(7, 1024 at 0x'
	err_has ': pwrite(7, 1024 at 0x'
	same_state d d
}

@test "every arc, save, restore and the time stopped, v2; text and CSV; in less time than cycles" {
	make_sim d state_size=300000
	all_measured v2 15 300000
	LC_ALL=C migctl 0 bench migsim-d --cycles 3 --chunk 0
	[[ $output = 'measured: migsim-d stands still for '*' ms (v2, 3 cycles in '* ]]
	out_has 'running-p2p -> pre-copy-p2p       6'
	out_has 'as save and restore do it'
	[[ $output != *'KiB  '* && $output != *[^[:print:][:space:]]* ]] || show_run 'not plain'
	migctl 0 bench migsim-d --cycles 3 --csv
	first_is 'device,driver,kernel,protocol,figure,from,to,chunk,bytes,n,naks,min_usec,median_usec,p99_usec,max_usec,bytes_per_sec'
	[ "$(grep -c '^"migsim-d","migsim","[^"]*",v2,' <<<"$output")" -eq 26 ]
	# 16 columns each.
	[ "$(tr -cd ',\n' <<<"$output" | sort -u)" = ,,,,,,,,,,,,,,, ]
	migctl 0 bench migsim-d --cycles 10000 --seconds 0.3
	err_has ' of 10000 cycles: --seconds'
	[ "$(sim_get d state)" = running ]
}

@test "what a device lacks is not measured" {
	make_sim d caps=stop-copy state_size=0
	migctl 0 bench migsim-d --cycles 2 -j
	json '(.arcs | length) == 4 and .precopy == false and .save.bytes == 0 and .save.bytes_per_sec == 0 and .restore == null
		and .no_restore == "the device saved no data" and .load_usec == null'
	make_sim e caps=stop-copy,p2p
	migctl 0 bench migsim-e --cycles 2 --no-restore -j
	json '(.arcs | length) == 6 and .restore == null and .no_restore == null'
	stat_is e bytes_in 0
}

@test "an arc that is slow is seen to be, and no other; --compare tells" {
	make_sim d
	migctl 0 bench migsim-d --cycles 20 -j
	echo "$output" >a
	migctl 0 bench migsim-d --cycles 20 -j
	echo "$output" >b
	sim_fault d 'stop->running-p2p delay ms=20 times=0'
	migctl 0 bench migsim-d --cycles 20 -j
	echo "$output" >c
	json 'all(.arcs[]; (.usec.median > 15000) == (.from == "stop" and .to == "running-p2p"))'
	# Other guests are at work: only what is twice as slow is told.
	migctl 0 bench --compare a b --margin 100 -j
	json '[.figures[] | select(.verdict == "slower" or .verdict == "faster")] == [] and (.figures | length) == 30 and .a.device == "migsim-d"'
	migctl 0 bench --compare a c --margin 100
	[[ $output = 'slower: of '* ]]
	grep -qE '^  stop -> running-p2p  .* \+[0-9.]+ % +<0\.0001  slower$' <<<"$output"
	[ "$(grep -cE '^  (stop -> stop-copy|pre-copy -> running) .*(noise|margin)$' <<<"$output")" -eq 2 ]
	migctl 0 bench --compare c a --margin 100 -j
	json 'any(.figures[]; .from == "stop" and .to == "running-p2p" and .verdict == "faster" and .change_percent < -90)'
}

@test "--budget: within, over and not to be told" {
	make_sim d
	migctl 0 bench migsim-d --cycles 2 --budget 60000 -j
	json '.budget == {"msec": 60000, "exceeded": false} and (has("error") | not)'
	migctl 0 bench migsim-d --cycles 2 --budget 60000
	[[ $output = 'within the budget: migsim-d stands still for '* ]]
	sim_fault d '*->stop-copy delay ms=30 times=0'
	migctl 12 bench migsim-d --cycles 2 --budget 10ms -j
	json '.budget == {"msec": 10, "exceeded": true} and .error.kind == "check-failed" and .stop_usec.median > 30000 and .state == "running"'
	migctl 12 bench migsim-d --cycles 2 --budget 10
	[[ $output = 'over the budget: migsim-d stands still for '*' ms of the 10 ms there are ('* ]]
	err_has 'the budget is 10 ms'
	sim_fault d clear '*->stop-copy nak times=0'
	migctl 12 bench migsim-d --cycles 2 --budget 10
	err_has 'the time stopped could not be measured'
}

# What is refused is told, and gone around; the rest is measured.
refused() {
	make_sim d "protocol=$1"
	sim_fault d "$2 nak errno=EBUSY times=0"
	migctl 0 bench migsim-d --cycles 3 -j
	json "any(.arcs[]; \"\\(.from)->\\(.to)\" == \"$2\" and .n == 0 and .naks >= 1 and .errno == \"EBUSY\" and .usec == null)
		and ([.arcs[] | select(.naks == 0 and .n >= 1)] | length) >= $3 and .state == \"running\" and .cycles == 3"
	left_in d running
}
@test "a refused arc, v1" { refused v1 'running->resuming' 11; }
@test "a refused way out of RESUMING, v1" { refused v1 'resuming->stop' 11; }
@test "no pre-copy, v1" {
	refused v1 'running->pre-copy' 9
	json '.precopy == false and .save.n >= 2'
}
@test "a refused load, v2" {
	refused v2 'resuming->stop' 14
	json '.restore == null and .was_reset and (.no_restore | contains("resuming -> stop"))'
}
@test "a refused way home, v2: reset, and not gone there again" {
	refused v2 'stop->running-p2p' 10
	json '.was_reset and .save == null and (.no_save | contains("every way out of stop"))'
	stat_is d resets 1
}

@test "a fault on the way, a call that hangs, and what was found elsewhere" {
	make_sim d
	sim_fault d 'pre-copy-p2p->pre-copy error errno=EIO'
	migctl 9 bench migsim-d -j
	json '.error.kind == "faulted" and .error.errno == "EIO" and .fallout.state == "error" and .state == "error" and (.arcs | length) > 4'
	sim_fault d clear 'pre-copy-p2p->pre-copy error errno=EIO'
	migctl 9 bench migsim-d --reset-on-error -j
	json '.fallout.recovery.outcome == "accepted" and .state == "running"'
	sim_fault d clear 'stop->stop-copy lie=resuming'
	migctl 8 bench migsim-d
	err_has 'is astray: asked stop -> stop-copy'
	err_has '; it was reset, and is running'
	left_in d running
	sim_fault d clear 'stop-copy->stop hang'
	migctl 10 bench migsim-d --timeout 0.3 -j
	json '.error.kind == "timeout" and any(.error.stack[]; contains("migsim_fault_wait")) and .state == null'
	sim_fault d clear
	# A load that is refused, and no reset to be rid of it.
	make_sim n reset=0
	sim_fault n 'resuming->stop nak times=0'
	migctl 8 bench migsim-n
	[[ $output = 'measured in part: migsim-n stands still for '* ]]
	err_has 'offers no reset to be rid of it, and it is left in resuming'
	err_has 'hint: unbind the device'
	err_lacks 'bringing it back failed'
	make_sim e initial_state=error
	migctl 9 bench migsim-e
	migctl 9 bench migsim-e --read-only --cycles 2
	out_has 'reading the state'
	make_sim s initial_state=stop
	migctl 6 bench migsim-s -j
	json '.error.kind == "refused" and .arcs == [] and .state == "stop"'
	stat_is s sets 0
}

# The call under way is finished, the device runs again, what is known is told, and it dies of the signal.
struck() {
	local name=${3:-d}

	sim_fault "$name" clear "$2"
	background env --default-signal=INT,TERM vfio-migctl bench "migsim-$name" -j >out 2>err
	wait_until 10 stat_is "$name" hanging 1
	kill -s "$1" "$!"
	echo 1 >"$SIMS/$name/release"
	ended "$!"
	output=$(<out) stderr=$(<err)
	[ "$status" -eq $((128 + $(kill -l "$1"))) ] || { show_run "exit status $status"; return 1; }
	json '.interrupted and .error.errno == "EINTR" and .state == "running" and (.arcs | length) >= 1 and (.samples | length) >= 1'
	left_in "$name" running
}
@test "a signal on a tour, amid a save and amid a load" {
	make_sim d state_size=65536
	struck INT 'stop->stop-copy delay ms=9999'
	struck TERM 'data-read delay ms=9999 at=30000'
	struck INT 'data-write delay ms=9999 at=30000'
	# A part of a load could not be undone: this one is finished first.
	make_sim n state_size=65536 reset=0
	struck INT 'data-write delay ms=9999 at=30000' n
	stat_is n resets 0
}

@test "--read-only changes nothing; through a hold, beside its work" {
	make_sim d
	background vfio-migctl hold migsim-d -q
	wait_until 10 stat_is d opens 1
	wait_until 10 vfio-migctl get migsim-d
	migctl 0 bench migsim-d --read-only --cycles 50 -j
	json '.read_only and .via.how == "hold" and .arcs == [] and .save == null and .stop_usec == null and .get_usec.median > 0
		and .data_size_usec.median > 0 and (.samples | length) == 2 and .cycles == 50'
	migctl 0 bench migsim-d --read-only --attach="$!" --cycles 5
	out_has 'reading the state'
	stat_is d sets 0
	# The others need the hold's lock, and have it.
	migctl 0 bench migsim-d --cycles 2 -j
	json '.via.how == "hold" and .state == "running" and (.arcs | length) == 15'
	migctl 0 get migsim-d
	first_is running
	stat_is d opens 1
	make_sim s initial_state=stop
	migctl 0 bench migsim-s --read-only --cycles 2
	stat_is s sets 0
}

@test "the kernel's mtty" {
	mtty_make $UUID
	migctl 0 bench $UUID --cycles 20 -j
	json '(.arcs | length) == 15 and all(.arcs[]; .n >= 20) and .save.bytes > 0 and .restore.n == 20 and .state == "running"'
	echo "$output" >a
	migctl 0 bench --compare a a
	[[ $output = 'the same: of '* ]]
}
