package broker

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestOfficialTokens(t *testing.T) {
	m := newMinter([]byte("secret"))
	now := time.Unix(1_700_000_000, 0)
	token := m.jwt("1251946", now, time.Hour)
	if agent, err := m.readJWT(token, now); err != nil || agent != "1251946" {
		t.Errorf("read back: %q, %v", agent, err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	want := `{"userId":1,"agentId":1251946,"endpointId":"agent_1251946","purpose":"mcp-endpoint","iat":1700000000,"exp":1700003600}`
	if err != nil || string(payload) != want {
		t.Errorf("payload is %s, %v", payload, err)
	}
	for name, test := range map[string]struct {
		token string
		at    time.Time
		want  error
	}{
		"missing":   {"", now, errTokenMissing},
		"garbage":   {"abc", now, errTokenForged},
		"dots":      {"..", now, errTokenForged},
		"altered":   {token[:len(token)-2] + "AA", now, errTokenForged},
		"expired":   {token, now.Add(time.Hour), errTokenExpired},
		"long":      {strings.Repeat("a", maxToken+1), now, errTokenForged},
		"no agent":  {m.jwt("", now, time.Hour), now, errTokenNoAgent},
		"other key": {newMinter([]byte("other")).jwt("1", now, time.Hour), now, errTokenForged},
	} {
		if agent, err := m.readJWT(test.token, test.at); err != test.want {
			t.Errorf("%s: %q, %v; want %v", name, agent, err, test.want)
		}
	}
	if agent, err := m.readJWT(m.jwt("kitchen \"x\"", now, time.Hour), now); err != nil || agent != `kitchen "x"` {
		t.Errorf("a name for an agent: %q, %v", agent, err)
	}
}

func TestRelayTokens(t *testing.T) {
	m := newMinter([]byte("secret"))
	for _, agent := range []string{"1", "ab", "abc", "厨房"} {
		token := m.sealed(agent)
		if !strings.Contains(token, "+") || !strings.Contains(token, "/") || !strings.HasSuffix(token, "=") {
			t.Errorf("token %q needs no quoting", token)
		}
		if got, err := m.readSealed(token); err != nil || got != agent {
			t.Errorf("read back: %q, %v", got, err)
		}
	}
	for token, want := range map[string]error{
		"": errTokenMissing, "abc": errTokenForged, "AAAA": errTokenForged,
		strings.ReplaceAll(m.sealed("1"), "+", " "): errTokenForged,
		m.sealed(""): errTokenNoAgent,
	} {
		if got, err := m.readSealed(token); err != want {
			t.Errorf("%q: %q, %v; want %v", token, got, err, want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	m := newMinter([]byte("secret"))
	now := time.Unix(1_700_000_000, 0)
	f.Add(m.jwt("1", now, time.Hour))
	f.Add(m.sealed("1"))
	f.Add(`{"endpointId":"agent_1","exp":1e400}`)
	f.Fuzz(func(t *testing.T, token string) {
		// Reading must not panic; what is accepted names an agent.
		if agent, err := m.readJWT(token, now); (agent == "") != (err != nil) {
			t.Errorf("readJWT: %q, %v", agent, err)
		}
		if agent, err := m.readSealed(token); (agent == "") != (err != nil) {
			t.Errorf("readSealed: %q, %v", agent, err)
		}
		// The parts behind the signature and the seal.
		if agent, err := readClaims([]byte(token), now); (agent == "") != (err != nil) {
			t.Errorf("readClaims: %q, %v", agent, err)
		}
		if agent, err := readAgentID([]byte(token)); (agent == "") != (err != nil) {
			t.Errorf("readAgentID: %q, %v", agent, err)
		}
	})
}
