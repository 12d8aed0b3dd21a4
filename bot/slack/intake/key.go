package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// key names a delivery by its content: 64 hexadecimal characters. Each part is written behind its length, so
// that no two lists of parts are written alike.
func key(parts ...string) string {
	var room [512]byte
	content := room[:0]
	for _, part := range parts {
		content = binary.AppendUvarint(content, uint64(len(part)))
		content = append(content, part...)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
