package dev.tessera.jobs;

/** The run cannot go on. The message says why, in one line; nothing was published. */
public final class RunFailedException extends RuntimeException {
  private final int exitCode;

  RunFailedException(String message) {
    this(message, ExitCodes.FAILED);
  }

  public RunFailedException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  /** One of {@link ExitCodes}. */
  int exitCode() {
    return exitCode;
  }
}
