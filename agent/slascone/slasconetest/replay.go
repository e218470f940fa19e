package slasconetest

import "slices"

const (
	// keptAnswers is how many answers of a client are kept for FaultReplay.
	keptAnswers = 8
	// keptAnswersOfAll bounds what is kept of all clients together: a replay is
	// for the clients of a test, and a fleet must not fill the memory.
	keptAnswersOfAll = 4096
)

// answerLog keeps the last answers, by client and endpoint.
type answerLog struct {
	of    map[string][]recorded
	order []recordedAt // of all, oldest first
	last  int
}

// recorded is an answer as it was sent.
type recorded struct {
	number    int
	body      []byte
	signature string
}

type recordedAt struct {
	key    string
	number int
}

func (x *exchange) replayKey() string { return string(x.endpoint.name) + " " + fold(x.clientID) }

// add keeps one answer more than can be asked for: the one that is being sent.
func (l *answerLog) add(key string, a answer) {
	if l.of == nil {
		l.of = map[string][]recorded{}
	}
	l.last++
	kept := append(l.of[key], recorded{l.last, a.body, a.signature})
	if len(kept) > keptAnswers+1 {
		kept = slices.Clone(kept[1:])
	}
	l.of[key] = kept
	l.order = append(l.order, recordedAt{key, l.last})
	if len(l.order) > keptAnswersOfAll {
		l.drop(l.order[0])
		l.order = l.order[1:]
	}
}

// drop forgets an answer, unless its client's newer ones have taken its place.
func (l *answerLog) drop(old recordedAt) {
	kept := l.of[old.key]
	if len(kept) == 0 || kept[0].number != old.number {
		return
	}
	if len(kept) == 1 {
		delete(l.of, old.key)
		return
	}
	l.of[old.key] = slices.Clone(kept[1:])
}

// record keeps an answer for later replays.
func (s *Server) record(x *exchange, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past.add(x.replayKey(), a)
}

// replay puts an earlier answer into a, which was recorded last. Where there is
// none so early, the earliest is taken, which may be a itself.
func (s *Server) replay(x *exchange, back int, a *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.past.of[x.replayKey()]
	if len(kept) == 0 {
		return
	}
	old := kept[max(0, len(kept)-1-back)]
	a.body, a.signature = old.body, old.signature
}
