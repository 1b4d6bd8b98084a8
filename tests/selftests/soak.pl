#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Random writes to svcd's API, one after the other on one connection:
#
#	soak.pl SOCKET SECONDS SERVICES SEED
#
# Services of all types, their pods, and Endpoints by hand are made, changed and
# deleted. Prints how often each answer came. Exit 1 at the first one that says
# that svcd is at fault (5xx, or no HTTP).
use strict;
use warnings;
use IO::Socket::UNIX;

my ($path, $seconds, $services, $seed) = @ARGV;
my $s = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!\n";
my $base = "/api/v1/namespaces/default";
my %answers;
srand $seed;

sub pick { $_[rand @_] }
sub number { int rand $_[0] }

sub request {
	my ($method, $url, $body, $type) = @_;
	my ($head, $length) = ("", 0);

	$body //= "";
	$type //= "application/json";
	print $s "$method $url HTTP/1.1\r\nHost: svcd\r\nContent-Type: $type\r\nContent-Length: ",
		length $body, "\r\n\r\n$body" or die "svcd is gone: $!\n";
	while (1) {
		my $line = <$s> // die "svcd is gone in the middle of an answer\n";

		last if $line eq "\r\n";
		$head .= $line;
		$length = $1 if $line =~ /^Content-Length: (\d+)/i;
	}
	read($s, my $answer, $length) == $length or die "an answer is cut\n";
	my ($code) = $head =~ m{^HTTP/1\.1 (\d+)} or die "no HTTP: $head\n";
	die "$method $url: $code $answer\n$body\n" if $code >= 500;
	$answers{"$method $code"}++;
}

sub service {
	my $type = pick("ClusterIP", "ClusterIP", "NodePort", "LoadBalancer");
	my $n = number(3) + 1;
	my @spec = (qq("type": "$type"));
	my @ports = map {
		my $protocol = pick("TCP", "UDP");
		my $target = pick(8080, 8081, '"web"');

		qq({"name": "p$_", "port": @{[80 + $_]}, "protocol": "$protocol", "targetPort": $target})
	} 1 .. $n;

	push @spec, '"ports": [' . join(", ", @ports) . "]";
	push @spec, '"selector": {"app": "a' . number($services / 2 + 1) . '"}' if number(4);
	push @spec, '"sessionAffinity": "ClientIP"' unless number(5);
	push @spec, '"internalTrafficPolicy": "Local"' unless number(5);
	push @spec, '"externalTrafficPolicy": "Local"' if $type ne "ClusterIP" && !number(3);
	push @spec, '"externalIPs": ["203.0.113.' . (1 + number(20)) . '"]' unless number(6);
	push @spec, '"loadBalancerSourceRanges": ["198.51.100.0/24"]'
		if $type eq "LoadBalancer" && !number(2);
	return join ", ", @spec;
}

sub object {
	my ($kind, $name, $rest) = @_;

	return qq({"apiVersion": "v1", "kind": "$kind", "metadata": {"name": "$name"}, $rest});
}

sub pod {
	my ($name, $i) = @_;

	return qq({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "$name", "labels":
		{"app": "a@{[number($services / 2 + 1)]}"}}, "spec": {"nodeName": "@{[pick("node",
		"other", "third")]}", "containers": [{"name": "c", "image": "i", "ports": [{"name": "web",
		"containerPort": @{[pick(8080, 9090)]}}]}]}});
}

sub pod_status {
	my ($i) = @_;
	my $ip = "10.244." . int($i / 250) . "." . ($i % 250 + 1);

	return qq({"status": {"phase": "@{[pick("Running", "Running", "Running", "Succeeded")]}",
		"podIP": "$ip", "podIPs": [{"ip": "$ip"}], "conditions": [{"type": "Ready",
		"status": "@{[pick("True", "True", "False")]}"}]}});
}

sub step {
	my $i = number($services);
	my $j = number(3 * $services);
	my $merge = "application/merge-patch+json";

	pick(
		sub { request("POST", "$base/services", object("Service", "s$i", '"spec": {' .
			service() . "}")) },
		sub { request("PATCH", "$base/services/s$i", '{"spec": {' . service() . "}}", $merge) },
		sub { request("PATCH", "$base/services/s$i/status", '{"status": {"loadBalancer":
			{"ingress": [{"ip": "192.0.2.' . (1 + number(200)) . '"}]}}}', $merge) },
		sub { request("DELETE", "$base/services/s$i") if number(2) },
		sub { request("POST", "$base/pods", pod("p$j", $j)) },
		sub { request("PATCH", "$base/pods/p$j/status", pod_status($j), $merge) },
		sub { request("PATCH", "$base/pods/p$j/status", pod_status($j), $merge) },
		sub { request("PATCH", "$base/pods/p$j", '{"metadata": {"labels": {"app": "a' .
			number($services / 2 + 1) . '"}}}', $merge) },
		sub { request("DELETE", "$base/pods/p$j?gracePeriodSeconds=0") if number(2) },
		sub { request("POST", "$base/endpoints", object("Endpoints", "s$i", '"subsets":
			[{"addresses": [{"ip": "10.244.9.' . (1 + number(200)) . '"}], "ports":
			[{"name": "p1", "port": 80}]}]')) },
		sub { request("DELETE", "$base/endpoints/s$i") if number(2) },
	)->();
}

my $end = time + $seconds;
step() while time < $end;
print join(", ", map { "$_: $answers{$_}" } sort keys %answers), "\n";
