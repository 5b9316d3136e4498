package app

import (
	"bytes"
	"context"
	"testing"

	"xiaozhi-switchboard/assets"
)

func TestVersionOfARelease(t *testing.T) {
	defer func(commit, day string) { stampedCommit, stampedDay = commit, day }(stampedCommit, stampedDay)
	for _, tt := range []struct{ commit, day, want string }{
		{"", "", "xiaozhi-switchboard " + Version() + "\n"},
		{"0123456789ab", "2026-02-03", "xiaozhi-switchboard " + Version() + " (0123456789ab 2026-02-03)\n"},
		{"0123456789ab+", "2026-02-03", "xiaozhi-switchboard " + Version() + " (0123456789ab+ 2026-02-03)\n"},
	} {
		stampedCommit, stampedDay = tt.commit, tt.day
		var out, errOut bytes.Buffer
		code := execute([]string{"version"}, console{ctx: context.Background(), out: &out, err: &errOut, words: assets.Words("en")})
		if code != ExitOK || out.String() != tt.want || errOut.Len() > 0 {
			t.Errorf("exit %d, %q, %q; want %q", code, out.String(), errOut.String(), tt.want)
		}
	}
}
