package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// authority signs the certificates of the pretend AWS. Only this demo trusts it.
type authority struct {
	roots *x509.CertPool // those of the machine, and this one
	ca    *x509.Certificate
	key   *ecdsa.PrivateKey
}

const certificateLife = 300 * 24 * time.Hour // that of the one in the pretend ACM

func newAuthority() (*authority, error) {
	a := &authority{}
	var err error
	if a.roots, err = x509.SystemCertPool(); err != nil {
		a.roots = x509.NewCertPool()
	}
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "deckhand demo"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(certificateLife),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	if a.ca, err = x509.ParseCertificate(raw); err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	a.roots.AddCert(a.ca)
	return a, nil
}

// sign makes a certificate for these names.
func (a *authority) sign(names ...string) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: names, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(certificateLife),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.ca, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: a.key}, nil
}
