package slascone

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// plainBody undoes the compression of a body. Nobody asked for it (requests say
// "identity", for the signature is over the plain bytes), but there are proxies
// that compress all the same, with or without saying so, and some that say so of
// what they have decompressed.
func plainBody(body []byte, status int, contentEncoding string) ([]byte, *SilenceError) {
	var layers []string // in the order in which they were applied
	for name := range strings.SplitSeq(strings.ToLower(contentEncoding), ",") {
		if name = strings.TrimSpace(name); name != "" && name != "identity" {
			layers = append(layers, name)
		}
	}
	if len(layers) == 0 && isGzip(body) {
		if plain, err := decompress(body, "gzip"); err == nil {
			return plain, nil
		}
		return body, nil // the signature tells
	}
	const most = 3
	if len(layers) > most {
		return nil, compressed(status, contentEncoding, nil)
	}
	for i := len(layers) - 1; i >= 0 && !looksPlain(body); i-- {
		plain, err := decompress(body, layers[i])
		switch {
		case errors.Is(err, errTooLarge):
			return nil, &SilenceError{Reason: TooLarge, Status: status, Detail: "the response is larger than 4 MiB when decompressed"}
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, &SilenceError{Reason: Truncated, Status: status, Detail: "the response broke off; check the network connection", Err: err}
		case err != nil:
			return nil, compressed(status, layers[i], err)
		}
		body = plain
	}
	return body, nil
}

var errTooLarge = errors.New("too large")

func decompress(body []byte, encoding string) ([]byte, error) {
	var r io.Reader
	var err error
	switch encoding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		// The standard means zlib's format; some servers send what is inside it. Its
		// checksum is left to the signature.
		r = flate.NewReader(bytes.NewReader(withoutZlibHeader(body)))
	default:
		return nil, errors.New("this kind is not known here")
	}
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(plain) > maxBody {
		err = errTooLarge
	}
	return plain, err
}

// withoutZlibHeader returns what follows the header of RFC 1950, all of it when
// there is none: deflate, a check, and no dictionary.
func withoutZlibHeader(body []byte) []byte {
	if len(body) < 2 || body[0]&0x0f != 8 || body[0]>>4 > 7 || (int(body[0])<<8+int(body[1]))%31 != 0 || body[1]&0x20 != 0 {
		return body
	}
	return body[2:]
}

func isGzip(body []byte) bool { return bytes.HasPrefix(body, []byte("\x1f\x8b")) }

// looksPlain reports whether a body is JSON already.
func looksPlain(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("["))
}

func compressed(status int, encoding string, err error) *SilenceError {
	switch encoding {
	case "gzip", "x-gzip", "deflate", "br", "zstd", "compress":
	default:
		encoding = "in an unusual way" // what a header says may be anything
	}
	return &SilenceError{Reason: Compressed, Status: status, Err: err, Detail: fmt.Sprintf(
		"the response is compressed (%s), which was not asked for; a proxy on the way must leave it as it is", encoding)}
}
