package dev.tessera.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A file whose parts are handed out as memory. The file itself is never changed: it is mapped copy
 * on write, and read only where it may not be opened for writing, which Java asks of a private
 * mapping.
 */
final class MappedFile implements AutoCloseable {
  private static final int READ_BYTES = 1 << 16;

  private final FileChannel channel;
  private final MapMode mode;

  private MappedFile(FileChannel channel, MapMode mode) {
    this.channel = channel;
    this.mode = mode;
  }

  static MappedFile open(Path file) throws IOException {
    try {
      return copyOnWrite(file);
    } catch (FileSystemException notWritable) {
      return readOnly(file);
    }
  }

  /** Maps so that native code may write to the memory; refused for a file that is read only. */
  static MappedFile copyOnWrite(Path file) throws IOException {
    return new MappedFile(
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE), MapMode.PRIVATE);
  }

  /** Maps so that native code that writes to the memory ends the process. */
  static MappedFile readOnly(Path file) throws IOException {
    return new MappedFile(FileChannel.open(file, StandardOpenOption.READ), MapMode.READ_ONLY);
  }

  long size() throws IOException {
    return channel.size();
  }

  /** A copy of {@code count} bytes. */
  byte[] read(long position, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return bytes.array();
  }

  /** The bytes themselves, little endian; valid as long as they can be reached. */
  ByteBuffer map(long position, int count) throws IOException {
    ByteBuffer mapped =
        count == 0 ? ByteBuffer.allocateDirect(0) : channel.map(mode, position, count);
    return mapped.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds the whole file, which is read once. */
  void digest(MessageDigest digest) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(READ_BYTES);
    for (long position = 0; channel.read(block, position) >= 0; block.clear()) {
      position += block.position();
      digest.update(block.flip());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
