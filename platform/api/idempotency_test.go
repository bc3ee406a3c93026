package api_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parvis/platform/api"
	"parvis/platform/fault"
	"parvis/platform/store"
)

const onceKey = "8e03978e-40d5-43dd-bc93-6894a57f9324"

func (b *bench) lay(t *testing.T, token, name, key string) answer {
	t.Helper()
	return b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"`+name+`"}`, "Authorization", "Bearer "+token, "Idempotency-Key", key)
}

func TestSameKeySameAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, token := b.token(t, "vouneuil", "stone.lay")
		first := b.lay(t, token, "granit", onceKey)
		first.want(t, 201)
		again := b.lay(t, token, "granit", onceKey)
		again.want(t, 201)
		if first.Body.String() != again.Body.String() || first.Header().Get("Location") != again.Header().Get("Location") {
			t.Errorf("first %s %s\nagain %s %s", first.Header().Get("Location"), first.Body, again.Header().Get("Location"), again.Body)
		}
		if again.Header().Get("Idempotency-Replayed") != "true" || first.Header().Get("Idempotency-Replayed") != "" {
			t.Error("a replay does not say so")
		}
		b.lay(t, token, "schiste", onceKey).want(t, 422)
		if b.ran.Load() != 1 {
			t.Fatalf("ran %d times", b.ran.Load())
		}
		_, other := b.token(t, "vouneuil", "stone.lay")
		b.lay(t, other, "ardoise", onceKey).want(t, 201) // the same key of another caller is another key
		b.lay(t, token, "calcaire", "k2").want(t, 201)
		if b.ran.Load() != 3 {
			t.Errorf("ran %d times", b.ran.Load())
		}
	})
}

func TestDefiniteRefusalsAreKeptOthersNot(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, token := b.token(t, "vouneuil", "stone.lay")
		b.lay(t, token, "granit", "a").want(t, 201)
		refused := b.lay(t, token, "granit", "b")
		refused.want(t, 422)
		kept := b.lay(t, token, "granit", "b")
		kept.want(t, 422)
		if kept.Header().Get("Idempotency-Replayed") == "" || kept.Body.String() != refused.Body.String() {
			t.Error("a definite refusal was not kept")
		}
		for _, failure := range []error{errors.New("boom"), fault.New(fault.Conflict, ""), store.ErrUnavailable} {
			before := b.ran.Load()
			key := fmt.Sprint("c", before)
			b.hook = func(context.Context) error { return failure }
			if got := b.lay(t, token, key, key).Code; got < 409 {
				t.Fatalf("status %d", got)
			}
			b.hook = nil
			// The row was laid before the failure; a second run says so: it did run.
			if got := b.lay(t, token, key, key); got.Code != 422 || got.Header().Get("Idempotency-Replayed") != "" {
				t.Errorf("%v: %d %s", failure, got.Code, got.Body)
			}
		}
	})
}

func TestPanicFreesTheKey(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, token := b.token(t, "vouneuil", "stone.lay")
		b.hook = func(context.Context) error { panic("boom") }
		b.lay(t, token, "granit", "a").want(t, 500)
		b.hook = nil
		b.lay(t, token, "schiste", "a").want(t, 201)
	})
}

func TestConcurrentDuplicatesRunOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, token := b.token(t, "vouneuil", "stone.lay")
		b.hook = func(context.Context) error { time.Sleep(30 * time.Millisecond); return nil }
		codes := make([]int, 8)
		var group sync.WaitGroup
		for i := range codes {
			group.Go(func() { codes[i] = b.lay(t, token, "granit", onceKey).Code })
		}
		group.Wait()
		made := 0
		for _, c := range codes {
			switch c {
			case 201:
				made++
			case 409:
			default:
				t.Errorf("status %d", c)
			}
		}
		if b.ran.Load() != 1 || made < 1 {
			t.Errorf("ran %d times, %d answers, %v", b.ran.Load(), made, codes)
		}
		b.lay(t, token, "granit", onceKey).want(t, 201)
	})
}

// A process killed between the effect and the keeping of its answer leaves the
// row of a running operation: nothing runs twice.
func TestCrashBeforeTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		made, token := b.token(t, "vouneuil", "stone.lay")
		b.lay(t, token, "granit", onceKey).want(t, 201)
		if err := b.db.In("vouneuil").Update(t.Context(), func(tx *store.Tx) error {
			n, err := tx.Exec(t.Context(), `UPDATE api_idempotency SET status = 0, headers = '{}', body = ? WHERE territory_id = @territory AND actor = ?`, []byte{}, made.ID.String())
			if err == nil && n != 1 {
				t.Errorf("%d rows", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		now := b.lay(t, token, "granit", onceKey)
		now.want(t, 409)
		if now.problem.Type != "https://parvis.example/api/docs#probleme-running" || now.Header().Get("Retry-After") == "" {
			t.Errorf("%s", now.Body)
		}
		b.clock.Advance(3 * time.Minute)
		later := b.lay(t, token, "granit", onceKey)
		later.want(t, 409)
		if later.problem.Type != "https://parvis.example/api/docs#probleme-unknown" {
			t.Errorf("%s", later.Body)
		}
		if b.ran.Load() != 1 {
			t.Errorf("ran %d times", b.ran.Load())
		}
	})
}

func TestAnswersAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, token := b.token(t, "vouneuil", "stone.lay")
		b.lay(t, token, "granit", "a").want(t, 201)
		b.lay(t, token, "schiste", "b").want(t, 201)
		b.clock.Advance(25 * time.Hour)
		b.lay(t, token, "ardoise", "a").want(t, 201) // another request: the key is free again
		var erased int64
		err := b.db.System("test: old answers of every territory").Update(t.Context(), func(tx *store.Tx) (err error) {
			erased, err = api.PurgeAnswers(t.Context(), tx, b.clock.Now().Add(-api.KeepAnswers()), 10)
			return err
		})
		if err != nil || erased != 1 {
			t.Errorf("erased %d, %v", erased, err)
		}
		b.clock.Advance(25 * time.Hour)
		err = b.db.In("vouneuil").Update(t.Context(), func(tx *store.Tx) (err error) {
			erased, err = api.PurgeAnswers(t.Context(), tx, b.clock.Now().Add(-api.KeepAnswers()), 10)
			return err
		})
		if err != nil || erased != 1 {
			t.Errorf("erased %d, %v", erased, err)
		}
	})
}

func TestKeysOfStrangersMustBeLong(t *testing.T) {
	b := lite(t, false)
	offer := func(key string) answer {
		return b.do(t, "POST", "/api/v1/vouneuil/offers", `{"name":"granit"}`, "Idempotency-Key", key)
	}
	offer("1").want(t, 400)
	offer(onceKey).want(t, 201)
	offer(onceKey).want(t, 201)
	if b.ran.Load() != 1 {
		t.Errorf("ran %d times", b.ran.Load())
	}
}

// The caller hangs up while the operation runs: it is undone or kept, and the
// same request afterwards has its effect exactly once.
func TestCallerHangsUp(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, token := b.token(t, "vouneuil", "stone.lay")
		ctx, hangUp := context.WithCancel(t.Context())
		b.hook = func(context.Context) error { hangUp(); return nil }
		first := b.doContext(ctx, "granit", token)
		b.hook = nil
		again := b.lay(t, token, "granit", onceKey)
		again.want(t, 201)
		if first.Code != 201 || b.ran.Load() != 1 {
			t.Errorf("first %d, ran %d times", first.Code, b.ran.Load())
		}
	})
}
