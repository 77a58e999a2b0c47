package dev.tessera.jobs.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCopyTest {
  @TempDir java.nio.file.Path folder;

  private final byte[] bytes = new byte[100_000];
  private FileSystem fs;
  private Path source;
  private Path target;
  private Path attempts;

  @BeforeEach
  void writeTheSource() throws IOException {
    new Random(7).nextBytes(bytes);
    Files.write(folder.resolve("source"), bytes);
    fs = FileSystem.getLocal(new Configuration());
    source = new Path(folder.resolve("source").toString());
    target = new Path(folder.resolve("release/points/part-0").toString());
    attempts = new Path(folder.resolve("release/_attempts").toString());
  }

  @Test
  void aCopyHasTheBytesAndTheirDigestAndLeavesNothingElse() throws IOException {
    String digest = FileCopy.copy(fs, source, fs, target, attempts);

    assertThat(Files.readAllBytes(folder.resolve("release/points/part-0"))).isEqualTo(bytes);
    assertThat(digest).isEqualTo(Digests.sha256(new Configuration(), source));
    assertThat(fs.listStatus(attempts)).isEmpty();
  }

  @Test
  void aCopyThatBreaksOffIsNotInItsPlace() throws IOException {
    assertThatThrownBy(
            () -> FileCopy.copy(new BreakingFileSystem(fs), source, fs, target, attempts))
        .hasMessage("broken off");
    assertThat(fs.exists(target)).isFalse();
  }

  @Test
  void aLateAttemptThatBreaksOffLeavesTheCopyWhole() throws IOException {
    FileCopy.copy(fs, source, fs, target, attempts);

    assertThatThrownBy(
            () -> FileCopy.copy(new BreakingFileSystem(fs), source, fs, target, attempts))
        .hasMessage("broken off");
    assertThat(Files.readAllBytes(folder.resolve("release/points/part-0"))).isEqualTo(bytes);
  }

  @Test
  void aSecondAttemptDoesNoHarm() throws IOException {
    FileCopy.copy(fs, source, fs, target, attempts);
    FileCopy.copy(fs, source, fs, target, attempts);

    assertThat(Files.readAllBytes(folder.resolve("release/points/part-0"))).isEqualTo(bytes);
  }

  /** Files can be read for a while. */
  private static final class BreakingFileSystem extends FilterFileSystem {
    BreakingFileSystem(FileSystem fs) {
      super(fs);
    }

    @Override
    public FSDataInputStream open(Path file, int bufferSize) {
      return new FSDataInputStream(new BreakingStream());
    }
  }

  private static final class BreakingStream extends FSInputStream {
    private int read;

    @Override
    public int read() throws IOException {
      if (read == 50_000) {
        throw new IOException("broken off");
      }
      read++;
      return 1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      into[offset] = (byte) read();
      return 1;
    }

    @Override
    public void seek(long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long getPos() {
      return read;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }
  }
}
