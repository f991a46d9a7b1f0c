package mtls

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
)

// readKey reads the one private key of a PEM file. No error repeats anything of it.
func readKey(data, password []byte, name string) (crypto.PrivateKey, *Problem) {
	var keys []*pem.Block
	for rest := data; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if strings.HasSuffix(b.Type, "PRIVATE KEY") {
			keys = append(keys, b)
		}
	}
	switch len(keys) {
	case 0:
		return nil, &Problem{name, "has no private key in it", "a PEM file is expected, with BEGIN … PRIVATE KEY in it", nil}
	case 1:
	default:
		return nil, &Problem{name, "has more than one private key in it", "leave only the certificate's", nil}
	}
	der, problem := decrypted(keys[0], password, name)
	if problem != nil {
		return nil, problem
	}
	key, err := parseKey(der)
	if err != nil {
		return nil, &Problem{name, "has a private key that cannot be read", "RSA, ECDSA and Ed25519 keys in PKCS#8, PKCS#1 or SEC 1 are understood", nil}
	}
	return key, nil
}

// decrypted returns the DER of a key block, which may be encrypted in either of the two ways that
// OpenSSL writes.
func decrypted(b *pem.Block, password []byte, name string) ([]byte, *Problem) {
	pkcs8 := b.Type == "ENCRYPTED PRIVATE KEY"
	//lint:ignore SA1019 the only reader of the form that OpenSSL wrote before 3.0
	headed := x509.IsEncryptedPEMBlock(b)
	if !pkcs8 && !headed {
		return b.Bytes, nil
	}
	if len(password) == 0 {
		return nil, &Problem{name, "is encrypted, and no password is given", "give it, or decrypt the key with openssl pkey", nil}
	}
	var der []byte
	var err error
	if pkcs8 {
		der, err = decryptPKCS8(b.Bytes, password)
	} else {
		//lint:ignore SA1019 as above
		der, err = x509.DecryptPEMBlock(b, password)
	}
	var unknown *unknownScheme
	if errors.As(err, &unknown) {
		return nil, &Problem{name, "is encrypted in a way that is not understood", "write it anew with openssl pkcs8 -topk8 -v2 aes256", err}
	}
	if err != nil {
		return nil, &Problem{name, "does not open with the given password", "check the password", nil}
	}
	return der, nil
}

func parseKey(der []byte) (crypto.PrivateKey, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	return x509.ParseECPrivateKey(der)
}
