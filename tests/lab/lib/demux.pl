# The host's end of guest/agent.pl: frames on stdin become stdout and stderr; the exit status of the guest's command
# goes to the file named first. The other arguments are seconds: for the boot, for the command.
# Exit status: 0 there is a status, 3 the guest went away without one, 4 no boot in time, 5 no status in time,
# 6 our own output is closed.
use strict;
use warnings;

my ($status_file, $boot_limit, $limit) = @ARGV;
my $late = 4;
$SIG{ALRM} = sub { exit $late };
$SIG{PIPE} = 'IGNORE';
alarm $boot_limit;

sub take {
    my ($want) = @_;
    my $buf = '';
    while (length($buf) < $want) {
        my $n = sysread(STDIN, $buf, $want - length $buf, length $buf);
        exit 3 unless $n;
    }
    return $buf;
}

sub give {
    my ($to, $bytes) = @_;
    while (length $bytes) {
        my $n = syswrite($to, $bytes) // exit 6;
        substr($bytes, 0, $n, '');
    }
}

while (1) {
    my ($kind, $len) = unpack('aV', take(5));
    my $bytes = take($len);
    if    ($kind eq 'o') { give(\*STDOUT, $bytes) }
    elsif ($kind eq 'e') { give(\*STDERR, $bytes) }
    elsif ($kind eq 'b') { $late = 5; alarm $limit }
    elsif ($kind eq 'x') {
        open(my $f, '>', $status_file) or die "$status_file: $!\n";
        print $f "$bytes\n";
        close $f or die "$status_file: $!\n";
        exit 0;
    }
    else { print STDERR "lab: the guest sent a frame of unknown kind\n"; exit 3 }
}
