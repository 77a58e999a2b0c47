package dev.tessera.imagery;

/** A file that cannot become a view; never leaves this package. */
final class BadPhotoException extends Exception {
  private static final long serialVersionUID = 1L;

  private final PhotoOutcome.Reason reason;

  BadPhotoException(PhotoOutcome.Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  PhotoOutcome.Reason reason() {
    return reason;
  }
}
