# DMA logging: what the simulator dirtied is what is reported, no page more and none less; and what the others say.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000af
NO_BITMAPS='this kernel reports nothing: no CONFIG_IOMMUFD'

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# sim_dirty NAME "IOVA LENGTH"...
sim_dirty() {
	local name=$1 range
	shift
	for range; do echo "$range" >"$SIMS/$name/dirty" || return; done
}

hold() {
	migctl 0 hold "$@" --detach -q
	HOLD=$output
	BACKGROUND+=("$HOLD")
}

@test "pages reported equal pages dirtied: first, last, over words and pieces; a second report is empty" {
	need_debug "$NO_BITMAPS"
	make_sim d
	# 64 GiB is a piece: 0x1000000000.
	sim_dirty d '0 1' '0x3f000 0x2000' '0xffffff000 0x2000' '0x1fffffffff 1'
	migctl 0 dirty migsim-d start 0-128G report report stop
	out_has 'started: migsim-d logs what it writes to 128 GiB in 1 range, pages of 4 KiB'
	out_has 'dirty: migsim-d wrote to 6 pages of 4 KiB since the last report, 24576 bytes
  0x0+0x2000000000  6 pages, 24576 bytes
    0x0+0x1000
    0x3f000+0x2000
    0xffffff000+0x2000
    0x1ffffff000+0x1000
clean: migsim-d wrote to 0 pages'
	out_has 'stopped: migsim-d logs no more'
	sim_dirty d '0 1' '0x3f000 0x2000' '0xffffff000 0x2000' '0x1fffffffff 1'
	migctl 0 dirty migsim-d start 0-128G report stop -j
	json '.error == null and .dma_logging == true and .actions[1] == {"action": "report", "done": true, "page_size": 4096,
		"pages": 6, "bytes": 24576, "stray_bits": 0, "ranges": [{"iova": 0, "length": 137438953472, "pages": 6, "bytes": 24576,
		"run_count": 4, "runs": [{"iova": 0, "length": 4096}, {"iova": 258048, "length": 8192},
		{"iova": 68719472640, "length": 8192}, {"iova": 137438949376, "length": 4096}]}]}'
	# Only what was asked for is taken.
	sim_dirty d '0x2000 0x1000' '0x9000 0x1000'
	migctl 0 dirty migsim-d start 0-1M report 0-0x9000 report stop -j
	json '[.actions[] | .pages? // empty] == [1, 1]'
	[ -z "$(sim_get d dirty)" ]
	stat_is d open_now 0
}

@test "a signal amid a report: what was told is shown, for the device has forgotten it" {
	need_debug "$NO_BITMAPS"
	make_sim d
	sim_dirty d '0 1' '0xffffffffff000 1'
	status=0
	# shellcheck disable=SC2034 # it is the helpers'
	output=$(exec env --default-signal=INT timeout --foreground --preserve-status -s INT 2 vfio-migctl dirty migsim-d start 0-0x10000000000000 report stop) || status=$?
	[ "$status" -eq 130 ]
	out_has 'dirty, and not all is told: migsim-d wrote to 1 page of 4 KiB since the last report, 4096 bytes'
	[ "$(sim_get d dirty)" = '0xffffffffff000 0x1' ]
	# No log is left behind.
	migctl 0 dirty migsim-d start 0-1M stop
}

@test "page sizes: asked for, and a page is dirty when any of it is" {
	local size pages
	need_debug "$NO_BITMAPS"
	make_sim d
	for size in 4K:7 64K:4 2M:2 1G:1; do
		pages=${size#*:} size=${size%:*}
		sim_dirty d '0 0x1000' '0x2000 0x3000' '0x50000 1' '0x20fff 1' '0x3ff000 1'
		migctl 0 dirty migsim-d start 0-1G report stop --page-size "$size" -j
		json ".actions[1].pages == $pages"
	done
}

@test "64 ranges, one page in each; the runs that are too many for a screen" {
	local ranges='' i
	need_debug "$NO_BITMAPS"
	make_sim d
	for ((i = 0; i < 64; i++)); do
		ranges+=,$((i * 16))M+64K
		untraced sim_dirty d "$((i * 16 * 1048576 + i * 1024)) 1"
	done
	migctl 0 dirty migsim-d start "${ranges#,}" report stop -j
	json '.actions[1] | .pages == 64 and (.ranges | length) == 64 and all(.ranges[]; .pages == 1)
		and [.ranges | to_entries[] | .value.runs[0].iova] == [range(64) | . * 16 * 1048576 + (. * 1024 / 4096 | floor) * 4096]'
	for ((i = 0; i < 30; i++)); do untraced sim_dirty d "$((i * 8192)) 1"; done
	migctl 0 dirty migsim-d start 0-1M report stop
	out_has '    and 10 more, told only with --all, and forgotten by the device'
	for ((i = 0; i < 30; i++)); do untraced sim_dirty d "$((i * 8192)) 1"; done
	migctl 0 dirty migsim-d start 0-1M report stop --all -j
	json '.actions[1].ranges[0] | .run_count == 30 and (.runs | length) == 30'
}

@test "through a hold: start, report and stop are three commands; without one they are refused before anything is asked" {
	make_sim d
	migctl 6 dirty migsim-d start 0-1M
	says 'no hold has migsim-d open: nothing was asked'
	err_has 'vfio-migctl hold migsim-d --detach'
	migctl 6 dirty migsim-d report 0-1M
	migctl 6 dirty migsim-d stop
	# Nor by a device that somebody else has.
	exec 5<>"$(group_node d)"
	migctl 6 dirty migsim-d report 0-1M
	migctl 4 dirty migsim-d start 0-1M report stop
	exec 5>&-
	stat_is d opens 0
	hold migsim-d
	migctl 0 dirty migsim-d start 0-1M --page-size 64K -j
	json '.via.how == "hold" and .actions[0].logged_page_size == 65536'
	migctl 7 dirty migsim-d start 0-1M -j
	json '.error.kind == "nak" and .error.errno == "EBUSY" and (.error.message | contains("it logs already"))'
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		sim_dirty d '0x5000 0x1000'
		migctl 0 dirty migsim-d report 0-1M -j
		json '.actions[0].ranges[0].runs == [{"iova": 20480, "length": 4096}]'
	fi
	migctl 0 dirty migsim-d stop
	first_is 'stopped: migsim-d logs no more'
	# What fails leaves no log behind that was not there.
	[ "$MIGCTL_LAB_KERNEL" = debug ] || migctl 1 dirty migsim-d start 0-1M report
	migctl 0 dirty migsim-d start 0-1M
	migctl 0 dirty migsim-d stop
}

# dirtying NAME: 16 pages every 50 ms or less often, others each time, until it is killed; how often is in the file written
dirtying() {
	local i
	for ((i = 0; ; i++)); do
		echo "$((i % 1000 * 0x10000)) 0x10000" >"$SIMS/$1/dirty"
		echo $((i + 1)) >"$BATS_TEST_TMPDIR/written"
		sleep 0.05
	done
}

# waiting NAME OPERATOR NUMBER: of ranges that no report has told yet
waiting() { test "$(wc -l <"$SIMS/$1/dirty")" "$2" "$3"; }

@test "rate: what is dirtied meanwhile; a signal stops the logging, and the samples so far are told" {
	local pid before after
	need_debug "$NO_BITMAPS"
	make_sim d
	hold migsim-d
	echo 0 >"$BATS_TEST_TMPDIR/written"
	background untraced dirtying d
	wait_until 10 grep -qv '^0$' "$BATS_TEST_TMPDIR/written"
	before=$(<"$BATS_TEST_TMPDIR/written")
	migctl 0 dirty migsim-d rate 0-1G --for 1 --interval 0.25 -j
	after=$(<"$BATS_TEST_TMPDIR/written")
	# The simulator's first report has also what was there before; one write may not be counted yet.
	json ".actions[0] | .done and (.samples | length) == 4 and .pages >= 16 * $before + 16 and .pages <= 16 * $after + 16
		and .pages_per_sec.max <= 2 * 320 + 80 * $before and .bytes == .pages * 4096
		and .bytes_per_sec.max >= .bytes_per_sec.median and .stray_bits == 0"
	# What waits to be reported grows, until the first sample is taken.
	wait_until 10 waiting d -ge 12
	background env --default-signal=INT LC_ALL=C vfio-migctl dirty migsim-d rate 0-1G --for 60 --interval 0.1 \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	pid=$!
	wait_until 20 waiting d -lt 8
	sleep 0.2
	kill -s INT "$pid"
	ended "$pid"
	[ "$status" -eq 130 ]
	# shellcheck disable=SC2034 # both are the helpers'
	output=$(<"$BATS_TEST_TMPDIR/out") stderr=$(<"$BATS_TEST_TMPDIR/err")
	err_has 'interrupted after'
	out_has 'rate: migsim-d dirties'
	[[ $output =~ 'over time     |'[' .:=+*#-']+'| 0 to' ]]
	# The simulator takes no second start, so this one finds none.
	migctl 0 dirty migsim-d start 0-1M stop
}

@test "probe: what can track, by the group and by the device's own node; a driver without a log is 5" {
	make_sim d
	both 0 'present: DMA logging by migsim-d itself' '.dma_logging and .container.dirty_tracking == "present"
		and .container.page_sizes == [4096] and (.container.reason | contains("emulated")) and .iommufd.dirty_tracking == "unknown"' \
		dirty migsim-d
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		migctl 0 dirty "$(sim_get d cdev)" probe -j
		json '.container.dirty_tracking == "unknown" and .iommufd.dirty_tracking == "not-applicable"'
	fi
	make_sim none logging=0
	both 5 'absent: DMA logging by migsim-none itself' '.dma_logging == false and .error.kind == "no-migration"' dirty migsim-none
	migctl 5 dirty migsim-none start 0-1M report stop
	says 'starting DMA logging of migsim-none: its driver does not log DMA (ENOTTY)'
	err_has 'dirty DEVICE probe'
	make_sim v1 protocol=v1
	migctl 5 dirty migsim-v1 rate 0-1M
}

@test "mtty logs nothing and says so; a kernel without bitmaps says that" {
	mtty_make $UUID
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		migctl 0 dirty $UUID start 0-1G report stop
		out_has "clean: $UUID wrote to 0 pages of 4 KiB"
	else
		migctl 1 dirty $UUID start 0-1G report stop -j
		json '.error.errno == "EOPNOTSUPP" and (.error.message | contains("CONFIG_IOMMUFD")) and .actions[0].done and (.actions[1].done | not)'
	fi
	migctl 0 dirty $UUID start 0-1G stop
}

@test "a VF on vfio-pci has no log, and the hardware's IOMMU is asked" {
	nic_setup
	both 5 "absent: DMA logging by $VF0 itself" '.dma_logging == false and .container.dirty_tracking == "present"
		and (.container.reason | contains("all that is mapped is dirty")) and .error.errno == "ENOTTY"' dirty "$VF0"
	migctl 5 dirty "$VF0" start 0-1G report stop
	says 'does not log DMA (ENOTTY)'
	[ "$MIGCTL_LAB_KERNEL" = debug ] || return 0
	migctl 5 dirty "$(basename "$PCI/$VF0/vfio-dev/"vfio*)" -j
	json '.iommufd.dirty_tracking == "absent"'
}

@test "conform's group of it: the simulator keeps to all of it, whatever it has dirtied; no log, no test" {
	make_sim d
	sim_dirty d '0x1000 0x2000'
	migctl 0 conform migsim-d --only logging --illegal -j
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		json '.passed == 14'
		[ -z "$(sim_get d dirty)" ]
	else
		json '.failed == 0 and .warned == 0 and .passed >= 4
			and all(.tests[] | select(.verdict == "skip"); .detail == "the kernel cannot report: no CONFIG_IOMMUFD")'
	fi
	stat_is d open_now 0
	migctl 0 conform migsim-d --only logging -j
	json '[.tests[] | select(.verdict == "skip" and (.detail | contains("--illegal")))] | length == 6'
	make_sim none logging=0
	migctl 0 conform migsim-none --only logging --illegal -j
	json '.skipped == 14 and all(.tests[]; .detail == "the driver does not log DMA")'
}
