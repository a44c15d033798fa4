# Runs the command of /run/lab/argv and sends what it writes through one virtio-serial port, as frames:
# one letter (b started, o stdout, e stderr, x exit status), a 32-bit little-endian length, the bytes.
# One port for all three: the status then comes after the last byte of output, with no race to settle.
use strict;
use warnings;

my $tty = @ARGV && $ARGV[0] eq '--tty';

sub slurp { my ($path) = @_; local $/; open(my $f, '<', $path) or die "$path: $!\n"; my $text = <$f>; return $text // '' }

# NUL ends each word, so that an empty last word is a word.
sub words { return split /(?<=\0)/, slurp($_[0]) }

sub port {
    for my $name (glob '/sys/class/virtio-ports/*/name') {
        next unless slurp($name) eq "lab.mux\n";
        my ($node) = $name =~ m{([^/]+)/name$};
        open(my $port, '>', "/dev/$node") or die "/dev/$node: $!\n";
        return $port;
    }
    die "no virtio-serial port named lab.mux\n";
}

my $port = port();

sub frame {
    my ($kind, $bytes) = @_;
    my $buf = $kind . pack('V', length $bytes) . $bytes;
    while (length $buf) {
        my $n = syswrite($port, $buf, 32768) // die "lab.mux: $!\n";
        substr($buf, 0, $n, '');
    }
}

frame('b', '');
my @argv = map { s/\0\z//r } words('/run/lab/argv');
%ENV = map { s/\0\z//r } map { split /=/, $_, 2 } words('/run/lab/env');
my $cwd = slurp('/run/lab/cwd');

sub command {
    chdir $cwd or do { print STDERR "lab: $cwd: $!\n"; exit 126 };
    { no warnings 'exec'; exec { $argv[0] } @argv }
    my $why = $!;
    print STDERR "lab: $argv[0]: $why\n";
    exit($why == 2 ? 127 : 126);
}

my ($out_r, $out_w, $err_r, $err_w);
if (!$tty) {
    pipe($out_r, $out_w) or die "pipe: $!\n";
    pipe($err_r, $err_w) or die "pipe: $!\n";
}
my $pid = fork() // die "fork: $!\n";
if (!$pid) {
    close $port;
    if (!$tty) {
        open(STDOUT, '>&', $out_w);
        open(STDERR, '>&', $err_w);
        close $_ for $out_r, $err_r, $out_w, $err_w;
    }
    command();
}

my %kind;
if (!$tty) {
    close $out_w;
    close $err_w;
    %kind = (fileno($out_r) => ['o', $out_r], fileno($err_r) => ['e', $err_r]);
}
# A process left in the background may keep a pipe open for ever: it gets a second after the command ends.
my ($status, $grace) = (undef, 4);
while (%kind && $grace > 0) {
    my $bits = '';
    vec($bits, $_, 1) = 1 for keys %kind;
    my $ready = select($bits, undef, undef, 0.25);
    if ($ready > 0) {
        for my $fd (grep { vec($bits, $_, 1) } keys %kind) {
            my $n = sysread($kind{$fd}[1], my $bytes, 65536);
            $n ? frame($kind{$fd}[0], $bytes) : delete $kind{$fd};
        }
        next;
    }
    $status //= $? if waitpid($pid, 1) == $pid;
    $grace-- if defined $status;
}
if (!defined $status) { waitpid($pid, 0); $status = $? }
system('sync', '-f', '/out') if -d '/out';
frame('x', $status & 127 ? 128 + ($status & 127) : $status >> 8);
sleep 60;
