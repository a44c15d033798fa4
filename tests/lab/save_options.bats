# The options of save, restore and inspect, where a state is written to, and what is said of it.
# shellcheck disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2154 # a && b || tell; one test is one shell; what says reads
load helpers

setup() {
	lab_setup && own_dir || return
	[ "$MIGCTL_LAB_KERNEL" = distro ] || skip "what options and reports are is the program's alone: the same on every kernel"
}

SIZE=65536
two() { describe_sim a state_size=$SIZE generation=77 "$@" && describe_sim b state_size=$SIZE generation=5 "$@"; }

# keys NAMES FILTER: no key less, in any order; more are allowed to come.
keys() { json "($2 | keys) as \$have | (\"$1\" | split(\" \")) - \$have == []"; }

# ---- what is said

contract() {
	two "protocol=$1" || return
	run_migctl 0 save migsim-a s -j && [ -z "$stderr" ] &&
		keys 'schema command device protocol bytes chunks usec stop_usec precopy_rounds digest state path' . && keys 'name bus driver group cdev netdev' .device &&
		json ".schema == 1 and .command == \"save\" and .device.name == \"migsim-a\" and .protocol == \"$1\" and .bytes == $SIZE and .chunks == $2
			and .usec >= .stop_usec and .stop_usec > 0 and .precopy_rounds <= 1 and .phases[0].bytes == 16384 and (.digest | test(\"^xxh3-128:[0-9a-f]{32}\$\"))
			and .state == \"running\" and .path == \"s\" and (has(\"error\") | not)" || return
	digest=$(gojq -r .digest <<<"$output")
	run_migctl 0 restore migsim-b s -j && [ -z "$stderr" ] && keys 'schema command device protocol bytes usec load_usec digest state' . &&
		json ".command == \"restore\" and .device.name == \"migsim-b\" and .bytes == $SIZE and .chunks == $2 and .usec > 0 and .load_usec >= 0
			and .digest == \"$digest\" and .state == \"running\"" || return
	# xxHash's own tool agrees with the digest.
	run_migctl 0 save migsim-a raw --raw -q && [ "$(xxhsum -H2 <raw)" = "${digest#*:}  stdin" ] || { xxhsum -H2 <raw; return 1; }
	run_migctl 0 inspect s -j && [ -z "$stderr" ] && keys 'schema command bytes chunks digest saved_at host device protocol capabilities firmware compatible_with' . &&
		json ".command == \"inspect\" and .bytes == $SIZE and .digest == \"$digest\" and .whole and .host == \"lab\" and .protocol == \"$1\"
			and (.saved_at | test(\"^20[0-9-]{8}T[0-9:]{8}Z\$\")) and .device.name == \"migsim-a\" and .device.driver == \"migsim\"
			and .device.bus == \"platform\" and .capabilities == $3 and .firmware == null and .compatible_with == null"
}
@test "JSON of save, restore and inspect, v1" { untraced contract v1 16 '["stop-copy", "pre-copy"]'; }
@test "JSON of save, restore and inspect, v2" { untraced contract v2 2 '["stop-copy", "p2p", "pre-copy"]'; }

texts() {
	local saved=$'saved: migsim-a, 65536 bytes (64.0 KiB) in 2 chunks (v2), to s\n  digest        xxh3-128:'
	two protocol=v2 || return
	run_migctl 0 save migsim-a s && [ -z "$stderr" ] && [[ $output = "$saved"*$'\n  time   '*'the device stood still for '*$'\n  phases        pre-copy '*', stop-and-copy '*$'\n  state         running' ]] ||
		{ show_run save; return 1; }
	run_migctl 0 restore migsim-b s && [ -z "$stderr" ] && [[ $output = 'restored: migsim-b, 65536 bytes (64.0 KiB) in 2 chunks (v2), from s'*'the load took '* ]] ||
		{ show_run restore; return 1; }
	run_migctl 0 inspect s && [ -z "$stderr" ] && [[ $output = 'whole: s, 65536 bytes (64.0 KiB) in 2 chunks'$'\n  digest        xxh3-128:'*'migsim-a'*'stop-copy p2p pre-copy'* ]] ||
		{ show_run inspect; return 1; }
	# Of a part it says how much there is, and that it is one.
	head -c 40000 s >part
	run_migctl 11 inspect part && [[ $output = 'not whole: part, 16384 bytes (16.0 KiB) in 1 chunk could be read'* ]] && says 'the saved state is damaged' || return
	run_migctl 11 inspect part -j && json '.whole == false and .digest == null and .bytes == 16384 and .device.name == "migsim-a" and .error.kind == "bad-state"'
}
@test "text of save, restore and inspect" { untraced texts; }

# At 200 KB a second a MB takes five: long enough for the line that comes every five seconds, where nobody watches it change.
progress() {
	describe_sim a protocol=v2 state_size=1100000 chunk_size=10000 && describe_sim b protocol=v2 state_size=1100000 || return
	background vfio-migctl save migsim-a v --rate 200K -v >outv 2>errv
	background vfio-migctl save migsim-b q --rate 200K -v -q >outq 2>errq
	wait
	[[ $(<errv) = *'vfio-migctl: '*'-copy'*' of about 1.0 MiB, 0.'*' MiB/s'* ]] || { cat errv; return 1; }
	[ -s outv ] && [ ! -s errq ] || { cat errq; return 1; }
	[[ $(<outv) =~ 'time          '([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 5 ] || { cat outv; return 1; }
}
@test "--rate; -v tells how far it is, -q does not" { untraced progress; }

# ---- where to

files() {
	two protocol=v2 || return
	umask 0
	run_migctl 0 save migsim-a s && [ "$(stat -c %a s)" = 600 ] || return
	# What is there stays, unless it is forced; and then it is another file.
	cp s before && ln s also
	run_migctl 1 save migsim-a s && says 's exists already' && err_has '--force' && stat_is a opens 1 && cmp s before || return
	run_migctl 1 save migsim-a s -j && json '.error.kind == "failed" and .error.errno == "EEXIST" and .digest == null' || return
	run_migctl 0 save migsim-a s --force && cmp also before && [ "$(stat -c %i s)" != "$(stat -c %i also)" ] && [ "$(stat -c '%a %h' s)" = '600 1' ] || return
	rm also before
	# A link is not followed, where it leads to a file and where to none; nor is it a name to be given to a folder.
	echo precious >target
	ln -s target link && ln -s none dangling
	for link in link dangling; do run_migctl 1 save migsim-a $link && says "$link exists already" && [ -L $link ] || return; done
	run_migctl 0 save migsim-a link --force && [ ! -L link ] && [ "$(<target)" = precious ] || return
	[ ! -e none ] && run_migctl 1 save migsim-a . && says 'the name of a file but of a folder' && run_migctl 1 save migsim-a ./nix/s && says 'No such file' || return
	files_are dangling link s target || return
	# A device that cannot be opened leaves no file either.
	run_migctl 3 save migsim-nix t && files_are dangling link s target
}
@test "files: mode 0600, never over another without --force, no link followed" { untraced files; }

streams() {
	two protocol=v2 || return
	run_migctl 2 save migsim-a - -j && json '.error.kind == "usage"' && stat_is a opens 0 || return
	# script(1) gives it a terminal.
	script -qec 'vfio-migctl save migsim-a - 2>err; echo $? >code' typescript >/dev/null </dev/null
	[ "$(<code)" = 2 ] && stderr=$(<err) output= && says 'standard output is a terminal' && stat_is a opens 0 || return
	script -qec 'vfio-migctl restore migsim-a - 2>err; echo $? >code' typescript >/dev/null </dev/null
	[ "$(<code)" = 2 ] && stderr=$(<err) && says 'standard input is a terminal' && stat_is a opens 0 || return
	script -qec 'vfio-migctl save migsim-a /dev/tty 2>err; echo $? >code' typescript >/dev/null </dev/null
	[ "$(<code)" = 2 ] && stderr=$(<err) && says '/dev/tty is a terminal' && stat_is a opens 0 || return
	rm typescript code err
	# A FIFO and a shell's substitution are pipes too.
	mkfifo fifo
	background cat fifo >copy
	run_migctl 0 save migsim-a fifo && wait "$!" && [ -p fifo ] && run_migctl 0 restore migsim-b copy && same_state a b || return
	run_migctl 0 save migsim-a >(cat >copy2) && poll 5 vfio-migctl inspect copy2 || return
	run_migctl 0 restore migsim-b <(cat copy) && same_state a b
}
@test "streams: pipes, FIFOs, no terminal, and not with --json" { untraced streams; }

# ---- how

options() {
	two "protocol=$1" || return
	run_migctl 0 save migsim-a n --no-precopy -j && json '.precopy_rounds == 0 and .bytes == 65536' && [[ $(sim_arcs a) != *pre-copy* ]] || return
	run_migctl 0 save migsim-a l --leave-stopped && left_in a stop && out_has 'state         stop' || return
	run_migctl 0 restore migsim-b l --leave-stopped && left_in b stop && same_state a b && out_has 'state         stop' || return
	run_migctl 0 save migsim-a z --compress && run_migctl 0 save migsim-a z9 --compress=9 -q && [ "$(head -c 4 z | od -An -tx1)" = ' 28 b5 2f fd' ] &&
		run_migctl 0 restore migsim-b z && same_state a b && [ "$(<"$SIMS/b/generation")" = 77 ] || return
	output=$(zstd -dc z | vfio-migctl inspect - -j) && json '.whole and .bytes == 65536' || return
	zstd -qdc z >plain && run_migctl 0 restore migsim-b plain && same_state a b || return
	# In the rounds of pre-copy what was dirtied comes too; with a limit, what is below it waits.
	run_migctl 2 save migsim-a y --precopy-until=soon && run_migctl 2 save migsim-a y --rate=0 && run_migctl 2 save migsim-a y --compress=20
}
@test "--no-precopy, --leave-stopped, --compress, v1" { untraced options v1; }
@test "--no-precopy, --leave-stopped, --compress, v2" { untraced options v2; }

# The device dirties what it has saved already, N bytes more in each look. What is left of pre-copy is dirty_bytes in v2.
dirtied() {
	local begin took
	two "protocol=$1" state_size=1000000 || return
	# The first quarter is held up at its end, and then there is more.
	sim_fault a 'data-read delay ms=3000 at=200000'
	background vfio-migctl save migsim-a s --precopy-until=0 -j >../out 2>../err
	poll 10 stat_is a hanging 1 || return
	echo 100000 >"$SIMS/a/precopy_dirty"
	echo 1 >"$SIMS/a/release"
	ended "$!"
	output=$(<../out) stderr=$(<../err)
	[ "$status" -eq 0 ] && json '.bytes == 1000000 and .phases[0].name == "pre-copy" and .phases[0].bytes == 350000' || { show_run save; return 1; }
	run_migctl 0 restore migsim-b s && same_state a b || return
	# A limit above what is pending ends it at once; one in time ends what never gets there. In v2 the driver says itself that it has
	# no more, and goes on giving.
	run_migctl 0 save migsim-a t --precopy-until=1M -j && json '.precopy_rounds <= 1' || return
	begin=$(now_ms)
	echo pending-forever >"$SIMS/a/data_faults"
	sim_fault a clear "$2->stop-copy nak"
	run_migctl 7 save migsim-a u --precopy-until=0.5s --rate 8M && left_in a running || return
	took=$(($(now_ms) - begin))
	[ "$took" -lt 3000 ] && { [ "$1" = v2 ] || [ "$took" -ge 500 ]; } || { echo "$took ms"; return 1; }
}
@test "--precopy-until, and what is dirtied meanwhile, v1" { untraced dirtied v1 pre-copy; }
@test "--precopy-until, and what is dirtied meanwhile, v2" { untraced dirtied v2 pre-copy-p2p; }

raws() {
	two "protocol=$1" || return
	run_migctl 0 save migsim-a s && run_migctl 0 save migsim-a raw --raw && [ "$(stat -c %s raw)" = $SIZE ] || return
	run_migctl 0 inspect s --raw=out && cmp raw out && [ "$(stat -c %a out)" = 600 ] || return
	run_migctl 1 inspect s --raw=out && says 'out exists already' && run_migctl 0 inspect s --raw=out --force && cmp raw out || return
	vfio-migctl inspect s --raw=- 2>err | cmp - raw && [[ $(<err) = 'whole: s, '* ]] || return
	vfio-migctl inspect - --raw=- <s 2>/dev/null | cmp - raw || return
	# Nothing stays of a part.
	rm out err && head -c 40000 s >part && run_migctl 11 inspect part --raw=out && files_are part raw s || return
	# Byte for byte, and each transaction under its own head.
	run_migctl 0 inspect s --hexdump && [ "$(grep -c '^chunk ' <<<"$output")" = "$2" ] &&
		[ "$(sed -n 's/^[0-9a-f]\{8\} \(.*\)  |.*/\1/p' <<<"$output" | tr -d ' \n')" = "$(od -An -v -tx1 raw | tr -d ' \n')" ] || return
	[[ $output = *'|MIGSIM01'* ]] || return
	run_migctl 2 inspect s --hexdump -j
}
@test "--raw and --hexdump, v1" { untraced raws v1 16; }
@test "--raw and --hexdump, v2" { untraced raws v2 2; }

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000b1

# Passive: what can be seen without opening the device.
fits() {
	two protocol=v2 || return
	run_migctl 0 save migsim-a s && run_migctl 0 save $UUID m || return
	both 0 'whole: s, 65536 bytes (64.0 KiB) in 2 chunks' '.compatible_with | .compatible and .device.name == "migsim-b" and .reason == null' inspect s --for=migsim-b || return
	out_has 'migsim-b' && stat_is b opens 0 || return
	both 11 'whole: m, 96 bytes in 2 chunks' '.whole and .error.kind == "bad-state" and (.compatible_with | .compatible == false and .device.name == "migsim-b"
		and (.reason | startswith("another bus")))' inspect m --for=migsim-b && stat_is b opens 0 || return
	run_migctl 11 inspect s --for=$UUID && says 'another bus: the state was saved with platform, the device has mdev' && run_migctl 0 inspect m --for=$UUID &&
		run_migctl 3 inspect s --for=migsim-nix
}
@test "inspect --for says whether a device would take it" {
	local bad=0
	mtty_make $UUID
	untraced fits || bad=1
	mtty_remove $UUID
	[ "$bad" -eq 0 ]
}

# A device that works in a stopped state is brought back there.
@test "what was found stopped is left stopped" {
	local P
	for P in v1 v2; do
		make_sim "$P" "protocol=$P" initial_state=stop state_size=$SIZE
		migctl 0 save "migsim-$P" "$P" -j
		json '.state == "stop" and .precopy_rounds == 0'
		left_in "$P" stop
	done
	make_sim p protocol=v2 initial_state=running-p2p state_size=$SIZE
	migctl 0 save migsim-p p
	left_in p running-p2p
}
