// Package egress is the one guarded way out of the host: tasks' fetches and code
// at URLs go through its client. It decides by the address that is dialled, after
// resolution, so that no name and no redirect leads inside. It must not know
// tasks, tokens or JavaScript.
package egress

import (
	"fmt"
	"net/netip"
	"strings"
)

// Policy says which addresses may be dialled. Public ones may; private, loopback,
// link-local and other special ones only if they are allowed by name or range.
type Policy struct {
	ranges []netip.Prefix
	hosts  map[string]bool // lower case, without a final dot
}

// ParsePolicy reads what --allow-egress takes: CIDR ranges, addresses, and host
// names whose addresses are then all allowed.
func ParsePolicy(allow []string) (*Policy, error) {
	p := &Policy{hosts: map[string]bool{}}
	for _, s := range allow {
		s = strings.TrimSpace(s)
		if prefix, err := netip.ParsePrefix(s); err == nil {
			p.ranges = append(p.ranges, prefix.Masked())
			continue
		}
		if addr, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
			p.ranges = append(p.ranges, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		if s == "" || strings.ContainsAny(s, "/:@ ?#") {
			return nil, fmt.Errorf("%q is no address range, address or host name: write 10.0.0.0/8, 10.1.2.3 or api.internal", s)
		}
		p.hosts[canonicalHost(s)] = true
	}
	return p, nil
}

func canonicalHost(h string) string { return strings.TrimSuffix(strings.ToLower(h), ".") }

// allowsHost reports whether every address of a host name is allowed.
func (p *Policy) allowsHost(host string) bool { return p.hosts[canonicalHost(host)] }

// Check returns why an address must not be dialled, or nil.
func (p *Policy) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	for _, r := range p.ranges {
		if r.Contains(addr) {
			return nil
		}
	}
	if kind := special(addr); kind != "" {
		return &Refused{Addr: addr, Kind: kind}
	}
	return nil
}

// Refused is the error for an address that the policy does not allow.
type Refused struct {
	Addr netip.Addr
	Kind string // "private", "loopback" …
}

func (e *Refused) Error() string {
	return fmt.Sprintf("%s is a %s address, which this host does not let tasks reach", e.Addr, e.Kind)
}

// reserved are ranges that no public service has (IANA's special-purpose
// registries) beyond those that net/netip can tell.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

// special names what kind of address is not public; "" for public ones.
func special(a netip.Addr) string {
	switch {
	case !a.IsValid():
		return "invalid"
	case a.IsLoopback():
		return "loopback"
	case a.IsUnspecified():
		return "unspecified"
	case a.IsPrivate():
		return "private"
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast(), a.IsInterfaceLocalMulticast():
		return "link-local"
	case a.IsMulticast():
		return "multicast"
	}
	for _, r := range reserved {
		if r.Contains(a) {
			return "reserved"
		}
	}
	// Addresses that carry an IPv4 address lead to it.
	b := a.As16()
	switch {
	case a.Is4():
	case nat64.Contains(a):
		return special(netip.AddrFrom4([4]byte(b[12:16])))
	case sixTo4.Contains(a):
		return special(netip.AddrFrom4([4]byte(b[2:6])))
	case b[0] == 0 && netip.PrefixFrom(netip.IPv6Unspecified(), 96).Contains(a): // ::a.b.c.d
		return "reserved"
	}
	return ""
}
