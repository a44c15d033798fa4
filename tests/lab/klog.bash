# The kernel's log as a test: klog_mark before, klog_check after. Source it in the guest.
# shellcheck shell=bash

# Every line by which the kernel, its lock checker or its memory checkers report a bug. WARNING, BUG and Oops as whole
# words: DEBUG is none.
KLOG_BUGS='\b(WARNING|BUG|Oops|KASAN|KFENCE|UBSAN|KCSAN)\b|general protection|refcount_t:|list_(add|del) corruption'
KLOG_BUGS+='|possible (recursive|circular|irq lock|deadlock)|circular locking|inconsistent (lock state|\{)|invalid wait context'
KLOG_BUGS+='|suspicious RCU usage|bad unlock balance|held lock freed|lock held when returning|non-static key'
KLOG_BUGS+='|scheduling while atomic|sleeping function called|unreferenced object|unable to handle|double free|use-after-free'

KLOG_MARK=

klog_mark() {
	KLOG_MARK="klog mark $$.$RANDOM.$SECONDS"
	echo "$KLOG_MARK" >/dev/kmsg
}

# Prints the offending lines since the last mark (the boot, when there was none), each with what follows it;
# fails when there are any, and when the mark is gone, since then nothing is known.
klog_check() {
	local log hits
	log=$(dmesg) || return 2
	if [ -n "$KLOG_MARK" ]; then
		case $log in
		*"$KLOG_MARK"*) log=${log##*"$KLOG_MARK"} ;;
		*) echo "klog: the kernel's log has wrapped since the mark" && return 2 ;;
		esac
	fi
	hits=$(grep -E -A 15 -e "$KLOG_BUGS" <<<"$log") || return 0
	printf '%s\n' "$hits"
	return 1
}

# Memory that nobody points to any more, where kmemleak is on (debug kernel with kmemleak=on); prints and fails.
# The first scan may see objects in flight: what two scans agree on is a leak.
klog_leaks() {
	local file=/sys/kernel/debug/kmemleak found
	echo scan 2>/dev/null >"$file" || { echo "klog: no kmemleak here" && return 2; }
	sleep 6 # kmemleak leaves objects alone that are younger than 5 s
	echo scan >"$file" && echo scan >"$file"
	found=$(<"$file")
	[ -n "$found" ] || return 0
	printf '%s\n' "$found"
	return 1
}
