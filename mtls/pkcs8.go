package mtls

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"hash"
)

// unknownScheme names an encryption that decryptPKCS8 does not do.
type unknownScheme struct{ oid asn1.ObjectIdentifier }

func (u *unknownScheme) Error() string { return "scheme " + u.oid.String() }

var errDecrypt = errors.New("wrong password or damaged key")

// pbes2 is the part of RFC 8018, appendix A.4, that stands in an encrypted PKCS#8 key.
type pbes2 struct {
	KDF    pkix.AlgorithmIdentifier
	Cipher pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// maxIterations: OpenSSL takes 2048; more than this would only keep the start waiting.
const maxIterations = 10_000_000

// decryptPKCS8 opens an EncryptedPrivateKeyInfo (RFC 5958) with PBES2: PBKDF2 and AES or triple DES in CBC
// mode, which is what OpenSSL writes. The standard library reads no encrypted PKCS#8.
func decryptPKCS8(der, password []byte) ([]byte, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
		return nil, errDecrypt
	}
	if oid := info.Algorithm.Algorithm.String(); oid != "1.2.840.113549.1.5.13" {
		return nil, &unknownScheme{info.Algorithm.Algorithm}
	}
	var scheme pbes2
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, errDecrypt
	}
	block, size, err := blockCipher(scheme.Cipher.Algorithm)
	if err != nil {
		return nil, err
	}
	key, err := deriveKey(scheme.KDF, password, size)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, errDecrypt
	}
	return decryptCBC(block, key, iv, info.Data)
}

func deriveKey(kdf pkix.AlgorithmIdentifier, password []byte, size int) ([]byte, error) {
	if kdf.Algorithm.String() != "1.2.840.113549.1.5.12" {
		return nil, &unknownScheme{kdf.Algorithm}
	}
	var p pbkdf2Params
	if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil || p.Iterations < 1 || p.Iterations > maxIterations {
		return nil, errDecrypt
	}
	prf, err := pseudoRandom(p.PRF.Algorithm)
	if err != nil {
		return nil, err
	}
	return pbkdf2.Key(prf, string(password), p.Salt, p.Iterations, size)
}

func pseudoRandom(oid asn1.ObjectIdentifier) (func() hash.Hash, error) {
	switch oid.String() {
	case "", "1.2.840.113549.2.7": // absent means HMAC with SHA-1
		return sha1.New, nil
	case "1.2.840.113549.2.9":
		return sha256.New, nil
	case "1.2.840.113549.2.10":
		return sha512.New384, nil
	case "1.2.840.113549.2.11":
		return sha512.New, nil
	}
	return nil, &unknownScheme{oid}
}

func blockCipher(oid asn1.ObjectIdentifier) (newBlock func([]byte) (cipher.Block, error), keySize int, err error) {
	switch oid.String() {
	case "2.16.840.1.101.3.4.1.2":
		return aes.NewCipher, 16, nil
	case "2.16.840.1.101.3.4.1.22":
		return aes.NewCipher, 24, nil
	case "2.16.840.1.101.3.4.1.42":
		return aes.NewCipher, 32, nil
	case "1.2.840.113549.3.7":
		return des.NewTripleDESCipher, 24, nil
	}
	return nil, 0, &unknownScheme{oid}
}

func decryptCBC(newBlock func([]byte) (cipher.Block, error), key, iv, data []byte) ([]byte, error) {
	b, err := newBlock(key)
	if err != nil || len(iv) != b.BlockSize() || len(data) == 0 || len(data)%b.BlockSize() != 0 {
		return nil, errDecrypt
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(out, data)
	pad := int(out[len(out)-1])
	if pad < 1 || pad > b.BlockSize() {
		return nil, errDecrypt
	}
	for _, c := range out[len(out)-pad:] {
		if int(c) != pad {
			return nil, errDecrypt
		}
	}
	return out[:len(out)-pad], nil
}
