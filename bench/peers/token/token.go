// Package token signs and verifies access tokens with the claims that auth and the gateway agree on.
package token

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	issuer   = "wave-connect"
	audience = "wave-connect-api"
	typ      = "at+jwt"
)

// Cookie carries a token where no header does.
const Cookie = "jwt"

var errNotOurs = errors.New("not an access token of a user")

var parser = jwt.NewParser(
	jwt.WithValidMethods([]string{"HS256"}),
	jwt.WithIssuer(issuer),
	jwt.WithAudience(audience),
	jwt.WithExpirationRequired(),
)

// Verify returns the id of the user whose token it is.
func Verify(text string, secret []byte) (string, error) {
	var claims jwt.RegisteredClaims
	verified, err := parser.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return secret, nil })
	if err != nil {
		return "", err
	}
	if verified.Header["typ"] != typ || uuid.Validate(claims.Subject) != nil {
		return "", errNotOurs
	}
	return claims.Subject, nil
}

// Sign makes a token for a user that is good for the given time.
func Sign(user string, lifetime time.Duration, secret []byte) (string, error) {
	now := time.Now()
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:    issuer,
		Audience:  jwt.ClaimStrings{audience},
		Subject:   user,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
	})
	unsigned.Header["typ"] = typ
	return unsigned.SignedString(secret)
}
