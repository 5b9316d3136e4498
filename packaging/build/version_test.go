package main

import "testing"

func TestVersions(t *testing.T) {
	for _, c := range []struct{ in, plain, quad, deb, rpm, apk, arch string }{
		{"1.2.3", "1.2.3", "1.2.3.0", "1.2.3", "1.2.3", "1.2.3", "1.2.3"},
		{"v0.10.0", "0.10.0", "0.10.0.0", "0.10.0", "0.10.0", "0.10.0", "0.10.0"},
		{"1.2.3-rc1", "1.2.3-rc1", "1.2.3.0", "1.2.3~rc1", "1.2.3~rc1", "1.2.3_rc1", "1.2.3rc1"},
		{"0.0.1-pre312", "0.0.1-pre312", "0.0.1.0", "0.0.1~pre312", "0.0.1~pre312", "0.0.1_pre312", "0.0.1pre312"},
	} {
		v, err := parseVersion(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		for what, pair := range map[string][2]string{
			"plain": {v.String(), c.plain}, "quad": {v.quad(), c.quad},
			"deb": {v.forPackager("deb"), c.deb}, "rpm": {v.forPackager("rpm"), c.rpm},
			"apk": {v.forPackager("apk"), c.apk}, "arch": {v.forPackager("archlinux"), c.arch},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s for %s is %q, want %q", c.in, what, pair[0], pair[1])
			}
		}
	}
	for _, bad := range []string{"", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-rc", "1.2.3-next1", "1.2.3+meta", "1.2.3-rc1 ", "../1.2.3", "v", "1.2.123456"} {
		if v, err := parseVersion(bad); err == nil {
			t.Errorf("%q was read as %v", bad, v)
		}
	}
}

func TestVersionAfterTag(t *testing.T) {
	for _, c := range []struct{ described, want string }{
		{"v1.2.3-4-gabcdef0", "1.2.4-pre4"},
		{"v1.2.9-12-gabcdef0", "1.2.10-pre12"},
		{"v0.0.0-1-gabcdef0", "0.0.1-pre1"},
	} {
		if v, err := afterTag(c.described); err != nil || v.String() != c.want {
			t.Errorf("%s is %v (%v), want %s", c.described, v, err, c.want)
		}
	}
	for _, bad := range []string{"", "v1.2.3", "abcdef0", "v1.2-1-gabcdef0", "v1.2.3-x-gabcdef0", "v1.2.3-rc1-4-gabcdef0"} {
		if v, err := afterTag(bad); err == nil {
			t.Errorf("%q was read as %v", bad, v)
		}
	}
}
