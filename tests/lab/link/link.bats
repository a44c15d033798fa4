# State from one host to another, over a network and by ssh: no memory, no file is shared.
load ../helpers
. "$BATS_TEST_DIRNAME/wire.bash"

there() { dbclient -y -y -i "$MIGCTL_LINK_KEY" "root@$THERE" "$@"; }

setup_file() {
	wire_up "$HERE"
	wait_until 60 there true
}

teardown_file() { there touch /tmp/end; }

move() {
	local program generation=$((RANDOM + 1000)) sum
	program=$(command -v vfio-migctl)
	make_sim here "protocol=$1" state_size=3000000 "generation=$generation"
	set -o pipefail
	vfio-migctl save migsim-here - 2>"$BATS_TEST_TMPDIR/save" | there "$program restore migsim-there-$1 -" >"$BATS_TEST_TMPDIR/restore"
	cat "$BATS_TEST_TMPDIR/save" "$BATS_TEST_TMPDIR/restore"
	grep -q '^saved: migsim-here, 3000000 bytes' "$BATS_TEST_TMPDIR/save"
	grep -q "^restored: migsim-there-$1, 3000000 bytes" "$BATS_TEST_TMPDIR/restore"
	[ "$(grep digest "$BATS_TEST_TMPDIR/save")" = "$(grep digest "$BATS_TEST_TMPDIR/restore")" ]
	sum=$(sim_get here checksum)
	[ "$sum" != 0 ]
	[ "$(there cat "$SIMS/there-$1/loaded_checksum")" = "$sum" ]
	[ "$(there cat "$SIMS/there-$1/load_result")" = ok ]
	[ "$(there cat "$SIMS/there-$1/generation")" = "$generation" ]
	[ "$(there "$program" get "migsim-there-$1")" = running ]
}
@test "save here, ssh, restore there, v1" { move v1; }
@test "save here, ssh, restore there, v2" { move v2; }
