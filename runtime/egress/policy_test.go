package egress

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	none, err := ParsePolicy(nil)
	if err != nil {
		t.Fatal(err)
	}
	for addr, kind := range map[string]string{
		"8.8.8.8": "", "1.1.1.1": "", "172.15.255.255": "", "172.32.0.1": "", "100.63.255.255": "", "100.128.0.1": "",
		"2606:4700:4700::1111": "", "2a00:1450::1": "", "::ffff:8.8.8.8": "", "64:ff9b::808:808": "", "2002:808:808::1": "",
		"127.0.0.1": "loopback", "127.255.255.254": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback",
		"10.0.0.1": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private",
		"fc00::1": "private", "fd12:3456::1": "private", "::ffff:10.0.0.1": "private", "::ffff:c0a8:101": "private",
		"169.254.169.254": "link-local", "169.254.0.1": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local",
		"fd00:ec2::254": "private", "::ffff:169.254.169.254": "link-local",
		"100.64.0.1": "reserved", "100.127.255.255": "reserved", "192.0.0.192": "reserved", "198.18.0.1": "reserved",
		"0.0.0.0": "unspecified", "::": "unspecified", "0.1.2.3": "reserved", "255.255.255.255": "reserved", "240.0.0.1": "reserved",
		"::ffff:0.0.0.0": "unspecified", "192.0.2.1": "reserved", "198.51.100.1": "reserved", "203.0.113.1": "reserved", "192.88.99.1": "reserved",
		"224.0.0.1": "link-local", "239.1.1.1": "multicast", "ff02::1": "link-local", "ff0e::1": "multicast", "ff01::1": "link-local",
		"64:ff9b::7f00:1": "loopback", "64:ff9b::a00:1": "private", "64:ff9b::a9fe:a9fe": "link-local", "64:ff9b:1::808:808": "reserved",
		"2002:7f00:1::1": "loopback", "2002:a00:1::1": "private", "2002:a9fe:a9fe::1": "link-local", "2002:6440:1::": "reserved",
		"2001::1": "reserved", "2001:0:808:808::1": "reserved", "2001:db8::1": "reserved", "3fff::1": "reserved", "100::1": "reserved",
		"::7f00:1": "reserved", "::808:808": "reserved", "::ffff:0:7f00:1": "reserved", "fec0::1": "reserved", "5f00::1": "reserved", "4000::1": "reserved",
	} {
		err := none.Check(netip.MustParseAddr(addr))
		var refused *Refused
		switch {
		case kind == "" && err != nil:
			t.Errorf("%s: %v", addr, err)
		case kind != "" && (!errors.As(err, &refused) || refused.Kind != kind):
			t.Errorf("%s: %v, want it refused as %s", addr, err, kind)
		}
	}
	if none.Check(netip.Addr{}) == nil {
		t.Error("no address at all is allowed")
	}
}

func TestAllow(t *testing.T) {
	for _, c := range []struct {
		allow   string
		allowed string
		refused string
	}{
		{"10.0.0.0/8", "10.1.2.3 ::ffff:10.9.9.9", "192.168.0.1 127.0.0.1 64:ff9b::a00:1"},
		{" 10.1.2.3/8 ", "10.200.0.1", "11.0.0.1.none"},
		{"127.0.0.1", "127.0.0.1 ::ffff:127.0.0.1", "127.0.0.2 ::1"},
		{"::1", "::1", "127.0.0.1"},
		{"[::1]", "::1", "127.0.0.1"},
		{"fd00::/8", "fd00::1", "fc00::1 10.0.0.1"},
		{"fe80::1%eth0", "fe80::1 fe80::1%eth1", "fe80::2"},
		{"::ffff:10.0.0.0/104", "10.1.1.1", "11.0.0.1.none 127.0.0.1"},
		{"::ffff:127.0.0.1", "127.0.0.1", "127.0.0.2"},
		{"0.0.0.0/0", "127.0.0.1 169.254.169.254", "::1"},
	} {
		p, err := ParsePolicy([]string{c.allow})
		if err != nil {
			t.Errorf("%q: %v", c.allow, err)
			continue
		}
		for a := range strings.FieldsSeq(c.allowed) {
			if err := p.Check(netip.MustParseAddr(a)); err != nil {
				t.Errorf("%q: %v", c.allow, err)
			}
		}
		for a := range strings.FieldsSeq(c.refused) {
			if addr, err := netip.ParseAddr(a); err == nil && p.Check(addr) == nil {
				t.Errorf("%q allows %s", c.allow, a)
			}
		}
	}
}

func TestAllowHost(t *testing.T) {
	p, err := ParsePolicy([]string{"API.Internal.", "db_1"})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"api.internal": true, "Api.Internal.": true, "db_1": true, "x.api.internal": false, "internal": false, "": false} {
		if p.allowsHost(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	for _, s := range []string{"", " ", "http://x/", "x:80", "10.0.0.0/33", "10.0.0/8", "a b", "x/24", "user@h", "*.internal", "2130706433",
		"0x7f000001", "127.1", "0177.0.0.1", "1.2.3.256", "a..b", ".a", "bücher.example", strings.Repeat("a", 64), strings.Repeat("a.", 130) + "a", "[::1", "x."} {
		_, err := ParsePolicy([]string{"10.0.0.0/8", s})
		if s == "[::1" || s == "x." { // forgiven
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "no address range") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "::1", "api.internal", "::ffff:10.0.0.0/100", "fe80::1%eth0", "0.0.0.0/0", "2002::/16"} {
		f.Add(s, "127.0.0.1")
		f.Add(s, "64:ff9b::7f00:1")
	}
	none, _ := ParsePolicy(nil)
	f.Fuzz(func(t *testing.T, allow, address string) {
		p, err := ParsePolicy([]string{allow})
		if err != nil {
			p = none
		}
		addr, err := netip.ParseAddr(address)
		if err != nil {
			return
		}
		got, plain := p.Check(addr), none.Check(addr)
		if plain == nil && got != nil {
			t.Errorf("allowing %q refuses %s", allow, addr)
		}
		if got == nil && plain != nil {
			// Only a range that was allowed, and that contains it, opens an address.
			if len(p.ranges) != 1 || !p.ranges[0].Contains(addr.Unmap().WithZone("")) {
				t.Errorf("allowing %q opens %s", allow, addr)
			}
		}
		if (p.Check(addr.Unmap()) == nil) != (got == nil) {
			t.Errorf("%s and its IPv4 form differ under %q", addr, allow)
		}
		if u := addr.Unmap(); plain == nil && (u.IsLoopback() || u.IsPrivate() || u.IsLinkLocalUnicast() || u.IsUnspecified() || u.IsMulticast()) {
			t.Errorf("%s is public", addr)
		}
	})
}
