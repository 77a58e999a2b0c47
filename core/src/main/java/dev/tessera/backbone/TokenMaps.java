package dev.tessera.backbone;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The token maps that the heads will see, kept until the last layer is done: (views, P, 2C) for
 * each tap and group of views. As many as fit a budget stay in memory; the others lie in a
 * temporary file, which the operating system pages in and out, and which is gone with this object.
 */
final class TokenMaps implements AutoCloseable {
  private static final long CLAIMED_AT_ONCE = 1 << 20;

  private record Key(int tap, int group) {}

  private final NDManager owner;
  private final NDManager host;
  private final Kernels kernels;
  private final Map<Key, NDArray> maps = new HashMap<>();
  private long bytesLeft;
  private FileChannel spill;
  private long spilledBytes;

  /**
   * @param memoryBytes how much of the device's memory the maps may take
   */
  TokenMaps(NDManager manager, Kernels kernels, long memoryBytes) {
    this.owner = manager.newSubManager();
    this.host = manager.newSubManager(Device.cpu());
    this.kernels = kernels;
    this.bytesLeft = memoryBytes;
  }

  /** Keeps the outputs of a frame block and of the global block after it, side by side. */
  void put(int tap, int group, NDArray frame, NDArray global) {
    try (NDManager step = owner.newSubManager()) {
      NDArray map = kernels.call(step, "beside", frame, global);
      long bytes = map.getShape().size() * map.getDataType().getNumOfBytes();
      if (bytes <= bytesLeft) {
        bytesLeft -= bytes;
        map.attach(owner);
        maps.put(new Key(tap, group), map);
      } else {
        maps.put(new Key(tap, group), spilled(step, map, bytes));
      }
    }
  }

  private NDArray spilled(NDManager step, NDArray map, long bytes) {
    ByteBuffer room;
    try {
      if (spill == null) {
        Path file = Files.createTempFile("tessera-tokens-", ".bin");
        spill = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(file); // its space goes with the last mapping, however this process ends
      }
      claim(spilledBytes, bytes);
      room = spill.map(FileChannel.MapMode.READ_WRITE, spilledBytes, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot spill token maps to a temporary file", e);
    }
    spilledBytes += bytes;
    NDArray onDisk =
        host.create(room.order(ByteOrder.nativeOrder()), map.getShape(), map.getDataType());
    kernels.call(step, "copied_into", onDisk, map);
    return onDisk;
  }

  /**
   * Takes the space from the disk, where a full one is an error: in a mapped page it is a signal.
   */
  private void claim(long from, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(bytes, CLAIMED_AT_ONCE));
    for (long at = from; at < from + bytes; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), from + bytes - at));
      at += spill.write(zeros, at);
    }
  }

  /**
   * The map of some views of one group, (to - from, P, 2C).
   *
   * @param from first view, counted from the group's first
   */
  NDArray get(NDManager scope, int tap, int group, int from, int to) {
    NDArray rows = kernels.call(scope, "rows", maps.get(new Key(tap, group)), from, to);
    return rows.toDevice(owner.getDevice(), false);
  }

  @Override
  public void close() {
    owner.close();
    host.close();
    if (spill != null) {
      try {
        spill.truncate(0); // the disk is free now, not when the last mapping is collected
        spill.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
