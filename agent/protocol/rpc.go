package protocol

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/leasehold-dev/leasehold/agent/internal/strictjson"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// The bounds of [Serve].
const (
	MaxLine  = 8 << 20 // bytes of a request; a licence file has at most 1 MiB
	MaxCalls = 256     // under way at a time

	// ending is how long calls may still take when the input has ended: who wrote
	// it may still read.
	ending = 2 * time.Second
	// closing is how long agents may take to give seats back when the caller has
	// gone, and then the last answers to be read.
	closing = 10 * time.Second
)

// The error codes of JSON-RPC 2.0. A call that was understood and failed has
// failedCall, and its [Failure] in data.
const (
	parseError     = -32700
	invalidRequest = -32600
	unknownMethod  = -32601
	invalidParams  = -32602
	internalError  = -32603
	failedCall     = -32000
)

type rpcRequest struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

type rpcResponse struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"` // null where the request's is not known
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type rpcError struct {
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Data    *Failure `json:"data,omitempty"`
}

// addressed are the members of every call's parameters that are for the
// transport.
type addressed struct {
	agent   uint64
	timeout time.Duration
}

// Serve answers JSON-RPC 2.0 requests that come on in, a line each, with lines
// on out. It returns when in ends, ctx ends or out cannot be written; then calls
// under way are canceled, where in ended after two seconds in which they may end by
// themselves, and agents closed, seats given back. The error says what went wrong
// with that, or with out. Answers wait for a reader of out, and nothing waits for
// them; when 64 MiB wait, the caller is taken to have gone.
//
// Parameters are objects. Beside a method's own members they have agent, the
// handle, and timeout_ms, the deadline. Calls run side by side and are answered
// as they end. The request cancel, with the id of another, ends that one.
func (s *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx = given.Context(ctx)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c := &connection{server: s, out: newOutbox(out, stop), stop: stop, calls: make(map[string]underWay)}
	read := make(chan error, 1)
	go func() { read <- c.readAll(ctx, in) }()
	var err error
	select {
	case err = <-read:
		c.drain(ctx)
	case <-ctx.Done():
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			err = cause
		}
	}
	stop(nil)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	err = errors.Join(err, s.Close(end))
	c.wait(end)
	c.out.finish(closing)
	return err
}

// drain lets calls end by themselves, for a while, but those that only wait.
func (c *connection) drain(ctx context.Context) {
	c.mu.Lock()
	for _, call := range c.calls {
		if call.waits {
			call.cancel()
		}
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, ending)
	defer cancel()
	c.wait(ctx)
}

// wait waits until all calls are answered or ctx ends.
func (c *connection) wait(ctx context.Context) {
	over := make(chan struct{})
	go func() {
		c.running.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// underWay is a call that is not answered yet.
type underWay struct {
	cancel context.CancelFunc
	waits  bool // for something to happen, and does nothing
}

// connection is one caller.
type connection struct {
	server  *Server
	stop    context.CancelCauseFunc
	running sync.WaitGroup
	out     *outbox

	mu      sync.Mutex
	calls   map[string]underWay // by the request's ID
	unnamed int                 // requests without one so far
}

// readAll answers line after line. It returns nil at the end of the input.
func (c *connection) readAll(ctx context.Context, in io.Reader) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for ctx.Err() == nil {
		line, err := readLine(r)
		switch {
		case errors.Is(err, errLongLine):
			c.refuse(idOf(line), invalidRequest, err.Error())
			continue
		case len(bytes.TrimSpace(line)) > 0:
			c.take(ctx, line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the requests cannot be read: %w", err)
		}
	}
	return nil
}

var errLongLine = fmt.Errorf("the line is longer than %d bytes", MaxLine)

// readLine reads one line. Of one that is too long it returns the beginning, and
// passes over the rest.
func readLine(r *bufio.Reader) ([]byte, error) {
	const beginning = 4 << 10
	var line []byte
	for long := false; ; {
		part, err := r.ReadSlice('\n')
		switch {
		case long:
		case len(line)+len(part) > MaxLine:
			long, line = true, bytes.Clone(line[:beginning])
		default:
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case long && (err == nil || errors.Is(err, io.EOF)):
			return line, errLongLine // what the reader has at its end it tells once more
		default:
			return line, err
		}
	}
}

// take answers one line, the calls in the background.
func (c *connection) take(ctx context.Context, line []byte) {
	req, bad := parseRequest(line)
	if bad != nil {
		c.refuse(req.ID, bad.Code, bad.Message)
		return
	}
	if req.Method == "cancel" {
		c.cancel(req)
		return
	}
	to, params, err := parseParams(req.Method, req.Params)
	if err != nil {
		if req.ID != nil {
			c.fail(req.ID, failureAt(req.Method, err))
		}
		return
	}
	ctx, done := context.WithTimeout(ctx, to.timeout)
	name, err := c.begin(req.ID, underWay{done, req.Method == "events"})
	if err != nil {
		done()
		c.refuse(req.ID, invalidRequest, err.Error())
		return
	}
	c.running.Go(func() {
		defer done()
		result, failure := c.server.Call(ctx, to.agent, req.Method, params)
		c.ended(name)
		switch {
		case req.ID == nil: // a notification has no answer
		case failure != nil:
			c.fail(req.ID, failure)
		default:
			c.write(rpcResponse{ID: req.ID, Result: result})
		}
	})
}

// parseRequest reads a request as JSON-RPC has it.
func parseRequest(line []byte) (rpcRequest, *rpcError) {
	line = bytes.TrimSpace(strictjson.Unmarked(line))
	var req rpcRequest
	if !json.Valid(line) {
		return req, &rpcError{Code: parseError, Message: "the line is not JSON"}
	}
	if line[0] == '[' {
		return req, &rpcError{Code: invalidRequest, Message: "batches are not taken; send one request a line"}
	}
	if err := strictjson.Decode(line, &req); err != nil {
		return rpcRequest{ID: idOf(line)}, &rpcError{Code: invalidRequest, Message: err.Error()}
	}
	switch {
	case req.ID != nil && !isID(req.ID):
		req.ID = nil
		return req, &rpcError{Code: invalidRequest, Message: "id is neither a text nor a whole number"}
	case req.Version != "2.0":
		return req, &rpcError{Code: invalidRequest, Message: `jsonrpc is not "2.0"`}
	case req.Method == "":
		return req, &rpcError{Code: invalidRequest, Message: "method is missing"}
	}
	return req, nil
}

// isID reports whether a value may be the ID of a request. One that is null is
// answered with null.
func isID(value json.RawMessage) bool {
	id := string(value)
	return id == "null" || strings.HasPrefix(id, `"`) || !strings.ContainsAny(id, "{}[]tf.eE")
}

// idOf finds the ID in what is not a request in all else, so that who waits for its
// answer is told. The text may be cut off behind it.
func idOf(line []byte) json.RawMessage {
	dec := json.NewDecoder(bytes.NewReader(strictjson.Unmarked(line)))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil
		}
		if name == "id" {
			if isID(value) && utf8.Valid(value) {
				return value
			}
			return nil
		}
	}
	return nil
}

// parseParams takes what is for the transport out of the parameters. A method that
// has a deadline among its own, as begin does for the call that it begins, is given
// that as well.
func parseParams(method string, data json.RawMessage) (to addressed, rest []byte, err error) {
	to.timeout = DefaultTimeout
	if len(data) == 0 || string(data) == "null" {
		return to, nil, nil
	}
	if data[0] != '{' {
		return to, nil, misuse("params is not an object; pass parameters by name")
	}
	members, err := strictjson.Members(data)
	if err != nil {
		return to, nil, misuse("the parameters: %v", err)
	}
	var kept []string
	for _, m := range members {
		switch m.Name {
		case "agent":
			if json.Unmarshal(m.Value, &to.agent) != nil {
				return to, nil, misuse("agent is not the number that open returned")
			}
		case "timeout_ms":
			if to.timeout, err = timeoutOf(m.Value); err != nil {
				return to, nil, err
			}
			if method == "begin" {
				kept = append(kept, string(m.Text))
			}
		default:
			kept = append(kept, string(m.Text))
		}
	}
	return to, []byte("{" + strings.Join(kept, ",") + "}"), nil
}

func timeoutOf(data json.RawMessage) (time.Duration, error) {
	var ms int64
	if json.Unmarshal(data, &ms) != nil || ms < 0 || ms > MaxTimeout.Milliseconds() {
		return 0, wrongTimeout()
	}
	if ms == 0 {
		return DefaultTimeout, nil
	}
	return time.Duration(ms) * time.Millisecond, nil
}

func wrongTimeout() *Failure {
	return misuse("timeout_ms is a whole number from 0, for the default of %d, to %d", DefaultTimeout.Milliseconds(), MaxTimeout.Milliseconds())
}

type cancelParams struct {
	ID json.RawMessage `json:"id"`
}

// cancel ends another call. That it is over already is no mistake.
func (c *connection) cancel(req rpcRequest) {
	p, err := decodeParams[cancelParams](orEmpty(req.Params))
	if err != nil {
		if req.ID != nil {
			c.fail(req.ID, failureAt("cancel", err))
		}
		return
	}
	c.mu.Lock()
	call, found := c.calls[nameOf(p.ID)]
	c.mu.Unlock()
	if found {
		call.cancel()
	}
	if req.ID != nil {
		c.write(rpcResponse{ID: req.ID, Result: json.RawMessage("{}")})
	}
}

func orEmpty(params json.RawMessage) []byte {
	if len(params) == 0 || string(params) == "null" {
		return []byte("{}")
	}
	return params
}

func failureAt(op string, err error) *Failure {
	f := failureOf(err)
	f.Op = op
	return f
}

// begin makes a call known under a name, so that it can be canceled.
func (c *connection) begin(id json.RawMessage, call underWay) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := nameOf(id)
	if id == nil || name == "null" {
		c.unnamed++
		name = fmt.Sprintf("unnamed %d", c.unnamed) // which is no JSON, and so no ID
	}
	if _, twice := c.calls[name]; twice {
		return "", errors.New("a call with this id is under way")
	}
	if len(c.calls) >= MaxCalls {
		return "", fmt.Errorf("%d calls are under way; wait for one to end", len(c.calls))
	}
	c.calls[name] = call
	return name, nil
}

// nameOf is an ID as it is the same however it is escaped.
func nameOf(id json.RawMessage) string {
	var text string
	if strings.HasPrefix(string(id), `"`) && json.Unmarshal(id, &text) == nil {
		return `"` + text
	}
	return string(id)
}

func (c *connection) ended(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, name)
}

func (c *connection) refuse(id json.RawMessage, code int, message string) {
	c.write(rpcResponse{ID: id, Error: &rpcError{Code: code, Message: message}})
}

func (c *connection) fail(id json.RawMessage, f *Failure) {
	code := failedCall
	switch f.Kind {
	case NoMethod:
		code = unknownMethod
	case Internal:
		code = internalError
	case Usage:
		code = invalidParams
	}
	c.write(rpcResponse{ID: id, Error: &rpcError{Code: code, Message: f.Message, Data: f}})
}

// write hands one answer to the caller.
func (c *connection) write(resp rpcResponse) {
	resp.Version = "2.0"
	if resp.ID == nil {
		resp.ID = json.RawMessage("null")
	}
	line, err := encode(resp)
	if err != nil {
		c.stop(err)
		return
	}
	c.out.put(append(line, '\n'))
}
