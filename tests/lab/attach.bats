# --attach: a device that another process has open is read through that process, and let go again.
load helpers
load holder

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000af

# reads DEVICE STATE: through the holder, as text and as JSON
reads() {
	both 0 "$2" ".state == \"$2\" and .via.how == \"attach\" and .via.holder.pid == $HOLDER and .via.holder.comm == \"holder\"" \
		get "$1" --attach
}

@test "migsim v1 and v2 and mtty in one process: each is told from the others, read, and not written" {
	make_sim one protocol=v1
	make_sim two
	mtty_make $UUID
	holder "v1:migsim-one:$(group_node one)" "v2:$UUID:$(mtty_group)"
	# migsim-two is one of a kind with migsim-one, and could be open without its group: what is read says so.
	reads migsim-one running
	json '.via.certain == false and (.via.reason | contains("may be migsim-two instead")) and .via.layout_checked == false'
	migctl 0 get migsim-one --attach
	err_has 'not certain that this is migsim-one'
	err_has 'the layout of the migration region of migsim-one cannot be verified'
	reads $UUID running
	json '.via.certain and .via.layout_checked == null'
	migctl 4 get migsim-one
	err_has "process $HOLDER (holder) has /dev/vfio/"
	tell set 0 3
	tell set 1 6
	reads migsim-one pre-copy
	reads $UUID pre-copy
	migctl 0 show $UUID --attach="$HOLDER" -j
	json '.protocol == "v2" and .state == "pre-copy" and .capabilities == ["stop-copy", "p2p", "pre-copy"] and .via.how == "attach"'
	# A saving device's pending_bytes acknowledges a window: it is not read, nor in any other state.
	migctl 0 show migsim-one --attach --trace
	out_has "seen through  process $HOLDER (holder)"
	err_has "pidfd_getfd($HOLDER, "
	err_lacks pwrite
	err_lacks '{SET'
	stat_is one pending_reads 0
	stat_is one opens 1
	stat_is one sets 1
	tell set 0 2
	reads migsim-one stop-copy
	tell set 0 0
	reads migsim-one stop
	stat_is one pending_reads 0
	migctl 1 get migsim-two --attach -j
	json '.error.errno == "ESRCH" and (.error.message | contains("no process is seen to have migsim-two open"))'
	migctl 1 get migsim-one --attach=$$
	says "process $$ is not seen to have migsim-one open"
	let_go
	wait_until 5 stat_is one open_now 0
	migctl 0 get migsim-one
	stat_is one opens 2
	wait_until 5 vfio-migctl get $UUID
}

@test "two alike in one process: told where the kernel tells, else refused and not guessed" {
	make_sim a
	make_sim b
	holder "v2:migsim-a:$(group_node a)" "v2:migsim-b:$(group_node b)"
	tell set 1 1
	# shellcheck disable=SC2016
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		# debugfs knows which is which.
		both 0 stop '.state == "stop" and .via.how == "debugfs"' get migsim-b --attach -q
		both 0 running '.state == "running" and .via.how == "debugfs"' get migsim-a --attach -q
		migctl 0 show migsim-b --attach
		err_has 'nothing tells which of them is migsim-b; the state is that in debugfs'
		first_is 'migsim-b: stop (v2)'
		let_go
		holder "v2:migsim-a:/dev/vfio/devices/$(sim_get a cdev)" "v2:migsim-b:/dev/vfio/devices/$(sim_get b cdev)"
		tell set 1 1
		reads migsim-b stop
		reads migsim-a running
	else
		migctl 1 get migsim-b --attach -j
		json '.error.errno == "ENOTUNIQ" and (.error.message | contains("nothing tells which of them is migsim-b") and contains("debugfs does not show"))'
	fi
	let_go
	wait_until 5 stat_is a open_now 0
}

# A device stays open, and its group in use, when the group's descriptor is closed; nothing tells that it is.
@test "another of a kind, whose group was closed: no other's state is stated as its own, and nothing written" {
	local rival
	make_sim a
	make_sim b
	holder "v2:migsim-a:$(group_node a)" "v2:migsim-b:$(group_node b)"
	tell set 1 1
	tell close 0
	migctl "$([ "$MIGCTL_LAB_KERNEL" = debug ] && echo 0 || echo 1)" get migsim-a --attach
	err_has 'has a VFIO device open that may be migsim-a or migsim-b, whose group it has open, too'
	tell forget 1
	migctl 0 get migsim-a --attach -j
	json '.via.how == "attach" and .via.certain == false and (.via.reason | contains("may be migsim-b instead, which nobody is seen to have open"))'
	migctl 1 set migsim-a running --attach --force -j
	json '.error.errno == "ENOTUNIQ" and (.error.message | contains("migsim-b, which nobody is seen to have open"))'
	stat_is b sets 1
	let_go
	wait_until 5 stat_is b open_now 0
	# The common case: who else has one is seen.
	holder "v2:migsim-a:$(group_node a)"
	background vfio-migctl hold migsim-b
	rival=$!
	wait_until 10 stat_is b open_now 1
	reads migsim-a running
	json '.via.certain and .via.reason == null'
	migctl 0 set migsim-a stop --attach --force
	kill -s TERM "$rival"
	ended "$rival"
	let_go
}

@test "a v1 region of another layout, behind a holder: not verified, and not written to" {
	make_sim o protocol=v1 profile=openeuler
	holder "v1:migsim-o:$(group_node o)"
	migctl 0 get migsim-o --attach -j
	json '.via.layout_checked == false and .via.certain'
	migctl 6 set migsim-o stop --attach --force -j
	json '.error.kind == "refused" and (.error.message | contains("the layout of the migration region of migsim-o cannot be checked"))'
	stat_is o sets 0
	stat_is o pending_reads 0
	let_go
}

@test "set --attach: refused, or by force" {
	make_sim d
	holder "v2:migsim-d:$(group_node d)"
	tell dup 0
	migctl 6 set migsim-d stop --attach -j
	json '.error.kind == "refused" and (.error.message | contains("would not know of a change"))'
	stat_is d sets 0
	migctl 0 set migsim-d stop --attach --force
	err_has 'which does not know of what is written'
	reads migsim-d stop
	let_go
	wait_until 5 stat_is d open_now 0
}

# denied COMMAND...: not allowed, but debugfs may have the state
denied() {
	status=0
	output=$("$@" 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
	# shellcheck disable=SC2034 # the helpers show it
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		[ "$status" -eq 0 ] && json '.state == "stop" and .via.how == "debugfs"'
	else
		[ "$status" -ne 0 ] && json '.error.message | contains("debugfs does not show its state")'
	fi || { show_run "$*: exit $status"; return 1; }
}

@test "not allowed to look, or no such call: debugfs where there is one, else the reason" {
	make_sim d
	holder "v2:migsim-d:$(group_node d)"
	tell set 0 1
	install -m 755 "$(command -v vfio-migctl)" /tmp/vfio-migctl-for-all
	# debugfs is for root alone.
	status=0
	output=$(setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/vfio-migctl-for-all get migsim-d --attach -j) || status=$?
	[ "$status" -eq 3 ]
	json '.error.errno == "EACCES" and (.error.hint | contains("root"))'
	denied setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace vfio-migctl get migsim-d --attach -j
	denied strace -f -o /dev/null -e inject=pidfd_getfd:error=ENOSYS vfio-migctl get migsim-d --attach -j
	denied strace -f -o /dev/null -e inject=pidfd_open:error=EPERM vfio-migctl get migsim-d --attach -j
	migctl 0 get migsim-d --attach
	[ "$MIGCTL_LAB_KERNEL" = distro ] || {
		sim_fault d 'get hang'
		status=0
		output=$(strace -f -o /dev/null -e inject=pidfd_getfd:error=EPERM vfio-migctl get migsim-d --attach -j --timeout 0.5) || status=$?
		[ "$status" -eq 10 ]
		json '.error.kind == "timeout" and (.error.message | contains("debugfs"))'
		echo 1 >"$SIMS/d/release"
	}
	let_go
	wait_until 5 stat_is d open_now 0
}

@test "PID namespaces: a holder in one of its own, and a /proc that is not of ours" {
	make_sim d
	# shellcheck disable=SC2034 # of holder()
	IN=(unshare -pf)
	holder "v2:migsim-d:$(group_node d)"
	tell set 0 1
	migctl 0 get migsim-d --attach -j
	json ".state == \"stop\" and .via.how == \"attach\" and .via.holder.comm == \"holder\" and .via.holder.pid != $HOLDER"
	status=0
	output=$(unshare -pf vfio-migctl get migsim-d --attach -j) || status=$?
	[ "$status" -eq 1 ]
	json '.error.message | contains("of another PID namespace than ours")'
	status=0
	output=$(unshare -pf vfio-migctl get migsim-d -j) || status=$?
	[ "$status" -eq 4 ]
	let_go
	wait_until 5 stat_is d open_now 0
}

@test "killed in a call: the device is let go all the same" {
	make_sim d
	holder "v2:migsim-d:$(group_node d)"
	sim_fault d 'get hang'
	background vfio-migctl get migsim-d --attach
	wait_until 10 stat_is d hanging 1
	kill -s TERM "$!"
	echo 1 >"$SIMS/d/release"
	ended "$!"
	[ "$status" -eq 143 ]
	sim_fault d 'get hang'
	migctl 10 get migsim-d --attach --timeout 0.5
	let_go
	wait_until 5 stat_is d open_now 0
	migctl 0 get migsim-d
}
