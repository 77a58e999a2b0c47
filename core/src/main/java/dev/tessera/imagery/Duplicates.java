package dev.tessera.imagery;

import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Of photos with the same digest the first by natural name stays, whatever the order of arrival.
 * {@link #kept} is associative and commutative: it can be the reducer of any grouping by digest.
 */
public final class Duplicates {
  private Duplicates() {}

  /** The one of two photos with equal digests that stays. */
  public static Accepted kept(Accepted a, Accepted b) {
    requireSameDigest(a, b);
    return SequenceOrder.BY_NAME.compare(a.view(), b.view()) <= 0 ? a : b;
  }

  /** What a photo becomes once the one to keep is known: itself if that is it. */
  public static PhotoOutcome resolve(Accepted photo, Accepted kept) {
    requireSameDigest(photo, kept);
    return photo.uri().equals(kept.uri())
        ? photo
        : new Quarantined(
            photo.uri(), photo.name(), Reason.DUPLICATE, "same bytes as " + kept.name());
  }

  /** The outcomes with duplicates quarantined, in the order given. */
  public static List<PhotoOutcome> resolve(Collection<PhotoOutcome> outcomes) {
    TreeMap<String, Accepted> keptByDigest =
        outcomes.stream()
            .filter(Accepted.class::isInstance)
            .map(Accepted.class::cast)
            .collect(
                Collectors.toMap(
                    photo -> photo.view().sha256(),
                    Function.identity(),
                    Duplicates::kept,
                    TreeMap::new));
    return outcomes.stream()
        .map(
            outcome ->
                outcome instanceof Accepted photo
                    ? resolve(photo, keptByDigest.get(photo.view().sha256()))
                    : outcome)
        .toList();
  }

  private static void requireSameDigest(Accepted a, Accepted b) {
    if (!a.view().sha256().equals(b.view().sha256())) {
      throw new IllegalArgumentException(
          "Cannot compare %s and %s: their digests differ".formatted(a.name(), b.name()));
    }
  }
}
