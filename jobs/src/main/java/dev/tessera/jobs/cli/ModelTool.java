package dev.tessera.jobs.cli;

import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.UsageException;
import dev.tessera.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** A command on a model's files: what is wrong with them is said in one line. */
abstract class ModelTool implements Callable<Integer> {
  abstract void carryOut() throws IOException;

  @Override
  public final Integer call() throws IOException {
    try {
      carryOut();
      return ExitCodes.OK;
    } catch (IllegalArgumentException wrong) {
      throw new UsageException(wrong.getMessage());
    } catch (RuntimeException | OutOfMemoryError e) {
      if (Torch.isOutOfMemory(e)) {
        throw new UsageException(
            "Cannot run the model: not enough memory (smaller --token-chunk, fewer images, bf16)",
            ExitCodes.FAILED);
      }
      throw e;
    }
  }

  /** A file that is read must not be written over. */
  static void requireOther(Path out, Path in) throws IOException {
    if (Files.exists(out) && Files.exists(in) && Files.isSameFile(out, in)) {
      throw new IllegalArgumentException("Cannot write " + out + ": it is what is read");
    }
  }
}
