// Package slasconetest is a SLASCONE licence server for tests, as
// [net/http/httptest] is a web server for tests.
package slasconetest
