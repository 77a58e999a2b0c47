package dev.tessera.sfm;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.ToLongFunction;

/**
 * Remembers results up to a number of bytes, least recently used ones leave first. Of several
 * threads that ask for the same key at once one computes and the others wait for it. A computation
 * that fails is not remembered.
 */
final class ByteBoundedCache<K, V> {
  private final long maxBytes;
  private final ToLongFunction<V> bytesOf;
  private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<K, CompletableFuture<V>> underWay = new HashMap<>();
  private long bytes;

  ByteBoundedCache(long maxBytes, ToLongFunction<V> bytesOf) {
    this.maxBytes = maxBytes;
    this.bytesOf = bytesOf;
  }

  V get(K key, Callable<V> compute) throws Exception {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> others;
    synchronized (this) {
      V known = entries.get(key);
      if (known != null) {
        return known;
      }
      others = underWay.putIfAbsent(key, mine);
    }
    return others != null ? await(others) : computeFor(key, compute, mine);
  }

  private V computeFor(K key, Callable<V> compute, CompletableFuture<V> mine) throws Exception {
    try {
      V value = compute.call();
      remember(key, value);
      mine.complete(value);
      return value;
    } catch (Exception | Error e) {
      synchronized (this) {
        underWay.remove(key);
      }
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private static <T> T await(CompletableFuture<T> others) throws Exception {
    try {
      return others.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  private synchronized void remember(K key, V value) {
    underWay.remove(key);
    entries.put(key, value);
    bytes += bytesOf.applyAsLong(value);
    Iterator<V> oldest = entries.values().iterator();
    while (bytes > maxBytes && oldest.hasNext()) {
      bytes -= bytesOf.applyAsLong(oldest.next());
      oldest.remove();
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized void clear() {
    entries.clear();
    bytes = 0;
  }
}
