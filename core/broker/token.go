package broker

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// maxToken bounds what the decoders look at.
const maxToken = 4096

// minter makes and reads the tokens of both families.
type minter struct {
	key [sha256.Size]byte
	gcm cipher.AEAD
}

func newMinter(secret []byte) *minter {
	m := &minter{key: sha256.Sum256(secret)}
	// Neither can fail: the key has a valid size.
	block, _ := aes.NewCipher(m.key[:])
	m.gcm, _ = cipher.NewGCM(block)
	return m
}

var (
	errTokenMissing = errors.New("token is missing")
	errTokenForged  = errors.New("token is not one of ours")
	errTokenExpired = errors.New("token has expired")
	errTokenNoAgent = errors.New("token names no agent")
)

const jwtHeader = `{"alg":"HS256","typ":"JWT"}`

// jwt mints a token in the official form.
func (m *minter) jwt(agent string, now time.Time, life time.Duration) string {
	claims := append([]byte(`{"userId":1,"agentId":`), agentNumber(agent)...)
	claims = append(claims, `,"endpointId":`...)
	claims = rpc.AppendString(claims, "agent_"+agent)
	claims = append(claims, `,"purpose":"mcp-endpoint","iat":`...)
	claims = strconv.AppendInt(claims, now.Unix(), 10)
	claims = append(claims, `,"exp":`...)
	claims = strconv.AppendInt(claims, now.Add(life).Unix(), 10)
	claims = append(claims, '}')
	signed := base64.RawURLEncoding.EncodeToString([]byte(jwtHeader)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(m.sign(signed))
}

func (m *minter) sign(signed string) []byte {
	mac := hmac.New(sha256.New, m.key[:])
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// readJWT returns the agent of an official token.
func (m *minter) readJWT(token string, now time.Time) (string, error) {
	if token == "" {
		return "", errTokenMissing
	}
	dot := strings.LastIndexByte(token, '.')
	if len(token) > maxToken || dot < 0 {
		return "", errTokenForged
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil || subtle.ConstantTimeCompare(signature, m.sign(token[:dot])) != 1 {
		return "", errTokenForged
	}
	_, payload, _ := strings.Cut(token[:dot], ".")
	claims, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return "", errTokenForged
	}
	return readClaims(claims, now)
}

// readClaims returns the agent that the payload of an official token names.
func readClaims(claims []byte, now time.Time) (string, error) {
	var endpoint string
	var expires int64
	err := rpc.Members(claims, func(name, value []byte) error {
		switch string(name) {
		case "endpointId":
			endpoint = text(value)
		case "exp":
			seconds, err := strconv.ParseFloat(string(value), 64)
			if err != nil {
				return errTokenForged
			}
			expires = int64(seconds)
		}
		return nil
	})
	if err != nil {
		return "", errTokenForged
	}
	if now.Unix() >= expires {
		return "", errTokenExpired
	}
	agent := strings.TrimPrefix(endpoint, "agent_")
	if agent == "" || agent == endpoint {
		return "", errTokenNoAgent
	}
	return agent, nil
}

// sealed mints a token in the relay's form: base64 whose plus, slash and equals
// signs only survive in a URL when they are quoted.
func (m *minter) sealed(agent string) string {
	plain := rpc.AppendString([]byte(`{"agentId":`), agent)
	plain = append(plain, '}')
	for (m.gcm.NonceSize()+len(plain)+m.gcm.Overhead())%3 != 2 {
		plain = append(plain, ' ')
	}
	// Random bytes hold no plus and no slash about one time in three, so this ends soon.
	for {
		nonce := make([]byte, m.gcm.NonceSize())
		_, _ = rand.Read(nonce) // never fails
		token := base64.StdEncoding.EncodeToString(m.gcm.Seal(nonce, nonce, plain, nil))
		if strings.Contains(token, "+") && strings.Contains(token, "/") {
			return token
		}
	}
}

// readSealed returns the agent of a relay token.
func (m *minter) readSealed(token string) (string, error) {
	if token == "" {
		return "", errTokenMissing
	}
	if len(token) > maxToken {
		return "", errTokenForged
	}
	sealed, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(sealed) < m.gcm.NonceSize() {
		return "", errTokenForged
	}
	plain, err := m.gcm.Open(nil, sealed[:m.gcm.NonceSize()], sealed[m.gcm.NonceSize():], nil)
	if err != nil {
		return "", errTokenForged
	}
	return readAgentID(bytes.TrimRight(plain, " "))
}

func readAgentID(plain []byte) (string, error) {
	var agent string
	err := rpc.Members(plain, func(name, value []byte) error {
		if string(name) == "agentId" {
			agent = text(value)
		}
		return nil
	})
	if err != nil {
		return "", errTokenForged
	}
	if agent == "" {
		return "", errTokenNoAgent
	}
	return agent, nil
}

// agentNumber returns the raw JSON of an agent's id: a number where it is one, as
// on the official wire.
func agentNumber(agent string) []byte {
	if n, err := strconv.ParseInt(agent, 10, 64); err == nil && strconv.FormatInt(n, 10) == agent {
		return []byte(agent)
	}
	return rpc.AppendString(nil, agent)
}
