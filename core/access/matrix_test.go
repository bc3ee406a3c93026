package access_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/core/access"
	"parvis/platform/web"
)

func permissions() []access.Permission {
	return []access.Permission{
		{Name: "appointment.read", Roles: []access.Role{access.Agent, access.Desk, access.Manager}},
		{Name: "appointment.setup", Roles: []access.Role{access.Manager}},
		{Name: "room.read", Roles: []access.Role{access.Agent, access.Elected}},
		{Name: "access.manage", Roles: []access.Role{access.Admin, access.Operator}},
	}
}

func compile(t testing.TB) *access.Matrix {
	t.Helper()
	m, err := access.Compile(permissions())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMay(t *testing.T) {
	m := compile(t)
	hold := func(service string, r access.Role) access.Membership {
		return access.Membership{Service: service, Role: r}
	}
	above := func(r access.Role) access.Membership {
		return access.Membership{Service: "*", Role: r, Inherited: true}
	}
	for name, c := range map[string]struct {
		held []access.Membership
		want []web.Permission
	}{
		"nobody":                        {nil, nil},
		"agent of all":                  {[]access.Membership{hold("*", access.Agent)}, []web.Permission{"appointment.read", "room.read"}},
		"agent of appointments":         {[]access.Membership{hold("appointment", access.Agent)}, []web.Permission{"appointment.read"}},
		"service of the same beginning": {[]access.Membership{hold("appoint", access.Manager)}, nil},
		"two services":                  {[]access.Membership{hold("appointment", access.Manager), hold("room", access.Elected)}, []web.Permission{"appointment.read", "appointment.setup", "room.read"}},
		"admin":                         {[]access.Membership{hold("*", access.Admin)}, []web.Permission{"access.manage"}},
		"operator above":                {[]access.Membership{above(access.Operator)}, []web.Permission{"access.manage"}},
		"agent above":                   {[]access.Membership{above(access.Agent), above(access.Admin), above(access.Manager)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []web.Permission
			for _, p := range append(m.Permissions(), "nobody.declared", "appointment", "") {
				if m.May(c.held, p) {
					got = append(got, p)
				}
			}
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// A membership never takes anything away, and each one gives only what a plain
// reading of the declarations gives.
func TestMayIsTheUnionOfMemberships(t *testing.T) {
	m := compile(t)
	membership := rapid.Custom(func(t *rapid.T) access.Membership {
		return access.Membership{
			Service:   rapid.SampledFrom([]string{"*", "appointment", "room", "access"}).Draw(t, "service"),
			Role:      rapid.SampledFrom(access.Roles()).Draw(t, "role"),
			Inherited: rapid.Bool().Draw(t, "inherited"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		held := rapid.SliceOfN(membership, 0, 4).Draw(t, "held")
		for _, p := range permissions() {
			want := false
			for _, h := range held {
				covers := h.Service == "*" || strings.HasPrefix(string(p.Name), h.Service+".")
				want = want || covers && slices.Contains(p.Roles, h.Role) && (!h.Inherited || h.Role == access.Operator)
			}
			if got := m.May(held, p.Name); got != want {
				t.Fatalf("%v on %s: %v, want %v", held, p.Name, got, want)
			}
		}
	})
}

func TestCompileRefuses(t *testing.T) {
	agent := []access.Role{access.Agent}
	for name, list := range map[string][]access.Permission{
		"named after nothing": {{Name: "read", Roles: agent}},
		"declared twice":      {{Name: "a.read", Roles: agent}, {Name: "a.read", Roles: agent}},
		"held by no role":     {{Name: "a.read"}},
		"unknown role":        {{Name: "a.read", Roles: []access.Role{"king"}}},
	} {
		if _, err := access.Compile(list); err == nil || !strings.Contains(err.Error(), strings.Fields(name)[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
