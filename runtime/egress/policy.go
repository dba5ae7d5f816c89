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
		if prefix, ok := parseRange(s); ok {
			p.ranges = append(p.ranges, prefix)
		} else if host := canonicalHost(s); isHostName(host) {
			p.hosts[host] = true
		} else {
			return nil, fmt.Errorf("%q is no address range, address or host name: write 10.0.0.0/8, 10.1.2.3 or api.internal", s)
		}
	}
	return p, nil
}

// parseRange reads a range or an address, which may stand in brackets. IPv4
// addresses in their IPv6 form become IPv4, as Check looks at them so.
func parseRange(s string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
		if err != nil {
			return netip.Prefix{}, false
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), true
}

// isHostName reports whether s can be a host's name. A name whose last label is a
// number is an address that is written wrongly (URL standard, "ends in a number").
func isHostName(s string) bool {
	last := s[strings.LastIndexByte(s, '.')+1:]
	if s == "" || len(s) > 253 || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
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
	// Host is what was asked for. Where that is a name, its address is not told:
	// a task must not be able to map the network that this host stands in.
	Host string
	Addr netip.Addr
	Kind string // "private", "loopback" …
}

// Refused tells the error from others without an import of this package.
func (e *Refused) Refused() bool { return true }

func (e *Refused) Error() string {
	const why = "address, which this host does not let tasks reach"
	if _, err := netip.ParseAddr(e.Host); e.Host != "" && err != nil {
		return fmt.Sprintf("%s leads to a %s %s", e.Host, e.Kind, why)
	}
	return fmt.Sprintf("%s is a %s %s", e.Addr, e.Kind, why)
}

// reserved are ranges that no public service has (IANA's special-purpose
// registries) beyond those that net/netip can tell.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
}

var (
	global = netip.MustParsePrefix("2000::/3") // all of IPv6 that is assigned to networks
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
	case !global.Contains(a):
		return "reserved"
	}
	return ""
}
