# Every outcome of a set and every exit status from 0 to 10, reached on real devices of both protocols, in text and in JSON;
# and the keys that scripts rely on.
load helpers

# One arc from running in either protocol, and where the driver may end instead.
protocol() {
	P=$1
	make_sim d "protocol=$P"
	case $P in
	v1) TO=stop ELSEWHERE=resuming SUFFIX='(v1, table reviewed)' TABLE='"reviewed"' BARRED=(resuming pre-copy)
		HINT='(.error.hint | startswith("a legal route is"))' ;;
	v2) TO=running-p2p ELSEWHERE=stop SUFFIX='(v2)' TABLE=null BARRED=(stop-copy pre-copy)
		HINT='(.error.message | contains("locks up kernels"))' ;;
	esac
	ARC="running->$TO"
}

# Each fault is armed for as many runs as come.
arm() { sim_fault d clear "$ARC $* times=0"; }

STEP='.steps[0].from == "running" and (.steps | length) == 1'

accepted() {
	protocol "$1"
	both 0 "accepted: migsim-d is now $TO $SUFFIX" "$STEP and .outcome == \"accepted\" and .state == \"$TO\"
		and .protocol == \"$P\" and .table == $TABLE and .fallout == null and (has(\"error\") | not)
		and (.steps[0] | .to == \"$TO\" and .outcome == \"accepted\" and .errno == null and .after == \"$TO\" and .usec >= 0)" \
		set migsim-d "$TO"
	migctl 0 set migsim-d "$TO"
	err_has "migsim-d was in $TO when it was closed"
	both 0 "noop: migsim-d is still running $SUFFIX" "$STEP and .outcome == \"noop\" and .state == \"running\"
		and (.steps[0] | .outcome == \"noop\" and .usec == null)" set migsim-d running
	stat_is d sets 3
}
@test "accepted and noop, exit 0, v1" { accepted v1; }
@test "accepted and noop, exit 0, v2" { accepted v2; }

# The whole sequence is judged before the first write.
refused() {
	protocol "$1"
	both 6 "refused: migsim-d is still running $SUFFIX" '.outcome == "refused" and .state == "running"
		and .error.kind == "refused" and .error.errno == null and '"$HINT"'
		and .steps[-1].outcome == "refused" and all(.steps[:-1][]; .outcome == "planned" and .usec == null)' \
		set migsim-d "${BARRED[@]}"
	stat_is d sets 0
	both 0 "planned: migsim-d is still running $SUFFIX" "$STEP and .outcome == \"planned\" and .state == \"running\"
		and (.steps[0] | .outcome == \"planned\" and .after == \"running\" and .usec == null)" set migsim-d "$TO" --dry-run
	both 6 "refused: migsim-d is still running $SUFFIX" '.outcome == "refused"' set migsim-d "${BARRED[@]}" --dry-run
	stat_is d sets 0
}
@test "refused, exit 6, and planned: nothing is written, v1" { refused v1; }
@test "refused, exit 6, and planned: nothing is written, v2" { refused v2; }

nak() {
	protocol "$1"
	arm nak errno=EBUSY
	both 7 "nak: migsim-d is still running $SUFFIX" "$STEP and .outcome == \"nak\" and .state == \"running\"
		and .error.kind == \"nak\" and .error.errno == \"EBUSY\"
		and (.steps[0] | .outcome == \"nak\" and .errno == \"EBUSY\" and .after == \"running\")" set migsim-d "$TO" "$ELSEWHERE"
	stat_is d sets 2
	arm nak errno=ENOTCONN
	migctl 7 set migsim-d "$TO"
	err_has "the PF's driver went away or its VFs were disabled"
}
@test "nak, exit 7, and the rest is not written, v1" { nak v1; }
@test "nak, exit 7, and the rest is not written, v2" { nak v2; }

# With the driver's blessing, and with an errno.
astray() {
	local said errno
	protocol "$1"
	for said in lie nak-lie; do
		arm "$said=$ELSEWHERE errno=EAGAIN"
		errno=null
		[ $said = lie ] || errno='"EAGAIN"'
		both 8 "astray: migsim-d is now $ELSEWHERE $SUFFIX" "$STEP and .outcome == \"astray\" and .state == \"$ELSEWHERE\"
			and .error.kind == \"astray\" and .error.errno == $errno and .fallout == null
			and (.steps[0] | .outcome == \"astray\" and .errno == $errno and .after == \"$ELSEWHERE\")" set migsim-d "$TO" running
	done
	# Where it was asked to go, and yet an errno: accepted, and said.
	arm "nak-lie=$TO errno=EAGAIN"
	both 0 "accepted: migsim-d is now $TO $SUFFIX" ".outcome == \"accepted\" and .steps[0].errno == \"EAGAIN\"" set migsim-d "$TO"
	migctl 0 set migsim-d "$TO"
	err_has "the driver failed running -> $TO (EAGAIN), and yet shows the state asked for"
}
@test "astray, exit 8; accepted with an errno, v1" { astray v1; }
@test "astray, exit 8; accepted with an errno, v2" { astray v2; }

faulted() {
	protocol "$1"
	arm error errno=EIO
	both 9 "faulted: migsim-d is now error $SUFFIX" "$STEP and .outcome == \"faulted\" and .state == \"error\"
		and .error.kind == \"faulted\" and .error.errno == \"EIO\" and .fallout.state == \"error\"
		and (.steps[0] | .outcome == \"faulted\" and .errno == \"EIO\" and .after == \"error\")" set migsim-d "$TO" running
	# Success, said the driver.
	arm error-ok
	migctl 9 set migsim-d "$TO" -j
	json '.outcome == "faulted" and .error.errno == null and .fallout.errno == null and .fallout.state == "error"'
	stat_is d sets 3
}
@test "faulted, exit 9, v1" { faulted v1; }
@test "faulted, exit 9, v2" { faulted v2; }

timed_out() {
	protocol "$1"
	arm hang
	both 10 "timeout: migsim-d is now in an unknown state $SUFFIX" "$STEP and .outcome == \"timeout\" and .state == null
		and .error.kind == \"timeout\" and .error.errno == null and .error.task > 0 and .error.task_ended
		and any(.error.stack[]; contains(\"migsim_fault_wait\")) and (.steps[0] | .outcome == \"timeout\" and .after == null)" \
		set migsim-d "$TO" --timeout 0.3
}
@test "timeout, exit 10, v1" { timed_out v1; }
@test "timeout, exit 10, v2" { timed_out v2; }

# What is printed is what was read, and the status says the rest.
in_error() {
	protocol "$1"
	make_sim e "protocol=$1" initial_state=error
	both 9 error ".state == \"error\" and .raw == $2 and .error.kind == \"faulted\" and (.error.hint | contains(\"reset\"))" get migsim-e
	both 9 "migsim-e: error ($P)" '.state == "error" and .next == [] and .error.kind == "faulted"' show migsim-e
}
@test "get and show of a device in _ERROR exit 9, v1" { in_error v1 6; }
@test "get and show of a device in _ERROR exit 9, v2" { in_error v2 0; }

@test "exit 1 to 5: failed, usage, no such device, busy, no migration interface" {
	make_sim d protocol=v1
	make_sim n protocol=none
	sim_fault d 'get nak errno=ENXIO times=0'
	both 1 '' '.error.kind == "failed" and .error.errno == "ENXIO" and .state == null and .raw == null' get migsim-d
	sim_fault d clear
	both 2 '' '.error.kind == "usage" and .error.hint == "did you mean \"running\"?"' set migsim-d runing
	both 3 '' '.error.kind == "no-device" and .error.errno == "ENODEV" and .device == null' get migsim-nix
	background sleep 100 9<>"$(group_node d)"
	both 4 '' ".error.kind == \"busy\" and .error.errno == \"EBUSY\" and (.error.hint | contains(\"process $! (sleep)\"))" get migsim-d
	both 5 '' '.error.kind == "no-migration" and .error.errno == "ENOTTY" and .protocol == null and .capabilities == null' set migsim-n stop
	stat_is d sets 0
}

# keys NAMES FILTER: no key less, in any order; more are allowed to come.
keys() { json "($2 | keys) as \$have | (\"$1\" | split(\" \")) - \$have == []"; }

contract() {
	protocol "$1"
	migctl 0 set migsim-d "$TO" -j
	keys "schema command device protocol table capabilities steps outcome state fallout" .
	keys "from to outcome errno after usec" '.steps[0]'
	keys "name bus driver group cdev netdev" .device
	json '.schema == 1 and .command == "set" and .device.name == "migsim-d" and .device.bus == "platform"
		and .device.driver == "migsim" and (.device.group | type) == "number" and .device.netdev == null'
	migctl 0 get migsim-d -j
	keys "schema command device protocol state raw" .
	json ".command == \"get\" and .protocol == \"$P\" and .state == \"running\" and .raw == $2"
	migctl 0 show migsim-d -j
	keys "schema command device protocol capabilities state raw regions data_size precopy dma_logging next reset_supported" .
	json ".reset_supported and .state == \"running\" and $3"
	migctl 0 reset migsim-d -j
	keys "schema command device protocol state outcome" .
	migctl 0 list -j
	keys "schema command devices" .
	keys "name bus driver group cdev netdev vendor model holder migration" '.devices[0]'
	# An error still is the whole object.
	arm error
	migctl 9 set migsim-d "$TO" -j
	keys "kind errno message hint" .error
	keys "state errno message pci kernel_log health uevents interrupts dma_logging_lost recovery" .fallout
	keys "attempted outcome state" .fallout.recovery
}
@test "the JSON contract of set, get, show, reset and list, v1" {
	contract v1 1 '.capabilities == ["stop-copy", "pre-copy"] and .next == ["stop", "stop-copy", "resuming", "pre-copy"]
		and .data_size == null and .dma_logging == false and (.regions | length) == 1
		and (.regions[0] | .index == 9 and .migration and .type == 3 and .subtype == 1)'
}
@test "the JSON contract of set, get, show, reset and list, v2" {
	contract v2 2 '.capabilities == ["stop-copy", "p2p", "pre-copy"] and .next == ["running-p2p", "pre-copy"]
		and .data_size == 65536 and .dma_logging == true and .regions == []'
}
