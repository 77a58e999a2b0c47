package dev.tessera.sfm;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.PhotoDecoder;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The whole way from photos to a model. One instance serves many calls at once; features and
 * verified pairs depend on the views alone and are kept for the next chunk that has the same ones.
 */
public final class StructureFromMotion implements AutoCloseable {
  /** Changes whenever the same photos and settings may give another model. */
  public static final String VERSION = "sfm-2";

  private static final int MIN_FEATURES = 30;

  private final Config config;
  private final WorkerPool pool;
  private final PhotoDecoder decoder;
  private final FeatureExtractor extractor;
  private final PairMatcher matcher;
  private final PairVerifier verifier;
  private final ByteBoundedCache<FeatureKey, Extraction> extractions;
  private final ByteBoundedCache<PairKey, VerifiedPair> pairs;

  /**
   * @param maxSidePixels photos larger than this are reduced before features are sought
   * @param maxFeatures most features per photo
   * @param contrastThreshold least contrast of a feature
   * @param selection which pairs are matched
   * @param cacheBytes heap for features and pairs of earlier calls
   */
  public record Config(
      int maxSidePixels,
      int maxFeatures,
      double contrastThreshold,
      PairSelection.Config selection,
      long cacheBytes)
      implements Serializable {
    public Config {
      if (cacheBytes < 0) {
        throw new IllegalArgumentException("Cache must not be negative, was " + cacheBytes);
      }
    }

    public static Config defaults() {
      return new Config(1600, 4000, 0.013, PairSelection.Config.defaults(), 512L << 20);
    }
  }

  private record FeatureKey(ViewId id, int width, int height, int exifOrientation) {
    static FeatureKey of(View view) {
      return new FeatureKey(view.id(), view.width(), view.height(), view.exifOrientation());
    }
  }

  private record PairKey(FeatureKey a, FocalPrior focalA, FeatureKey b, FocalPrior focalB) {}

  /** Features, or (features null) why the photo has none. */
  public record Extraction(Features features, String unreadable) {
    long bytes() {
      return features == null ? 256 : features.bytes();
    }
  }

  public StructureFromMotion(Config config, int threads) {
    this.config = config;
    this.pool = new WorkerPool(threads);
    this.decoder = new PhotoDecoder(new PhotoDecoder.Config(config.maxSidePixels));
    this.extractor =
        new FeatureExtractor(
            new FeatureExtractor.Config(config.maxFeatures, config.contrastThreshold));
    this.matcher = new PairMatcher(PairMatcher.Config.defaults());
    this.verifier = new PairVerifier(PairVerifier.Config.defaults());
    this.extractions = new ByteBoundedCache<>(config.cacheBytes / 4 * 3, Extraction::bytes);
    this.pairs = new ByteBoundedCache<>(config.cacheBytes / 4, VerifiedPair::bytes);
  }

  /**
   * Maps the views.
   *
   * @param views in sequence order
   * @param positions position priors in metres, in the order of the views; null where there is none
   * @throws IOException if a photo cannot be fetched
   * @throws OutOfMemoryError if the views are too many for this JVM; later calls are not affected
   */
  public SfmOutcome map(List<View> views, List<Vec3> positions, PhotoBytes photos, Steps steps)
      throws IOException {
    if (views.size() < 2) {
      return new SfmOutcome.Unmapped(
          SfmOutcome.Reason.TOO_FEW_VIEWS, views.size() + " views, need 2");
    }
    try {
      return mapChecked(views, positions, photos, steps);
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof OutOfMemoryError cause) {
        throw cause;
      }
      throw e;
    }
  }

  private SfmOutcome mapChecked(
      List<View> views, List<Vec3> positions, PhotoBytes photos, Steps steps) {
    Extraction[] extracted = extract(views, photos, steps);
    Features[] features = new Features[views.size()];
    int readable = 0;
    for (int v = 0; v < features.length; v++) {
      features[v] = extracted[v].features();
      readable += features[v] == null ? 0 : 1;
    }
    if (readable < 2) {
      return new SfmOutcome.Unmapped(
          SfmOutcome.Reason.UNREADABLE_PHOTOS,
          "%d of %d photos can be read; %s"
              .formatted(readable, views.size(), firstComplaint(extracted)));
    }
    MappingInput input = match(views, positions, features, steps);
    if (input.pairs().isEmpty()) {
      return new SfmOutcome.Unmapped(
          SfmOutcome.Reason.TOO_FEW_MATCHES,
          "no two of %d readable views have enough matches in common".formatted(readable));
    }
    IncrementalMapper mapper =
        new IncrementalMapper(input, features, IncrementalMapper.Config.defaults(), pool, steps);
    Optional<Reconstruction> model = mapper.map();
    if (model.isEmpty()) {
      return new SfmOutcome.Unmapped(
          SfmOutcome.Reason.NO_PARALLAX,
          "none of %d verified pairs gives enough points".formatted(input.pairs().size()));
    }
    List<SfmModel.Missing> missing = missing(model.get(), extracted);
    return new SfmOutcome.Mapped(
        ModelWriter.write(model.get(), views, features, missing),
        new TrackLooks(model.get(), features));
  }

  private static String firstComplaint(Extraction[] extracted) {
    return Arrays.stream(extracted)
        .filter(e -> e.features() == null)
        .findFirst()
        .map(Extraction::unreadable)
        .orElse("");
  }

  private Extraction[] extract(List<View> views, PhotoBytes photos, Steps steps) {
    Extraction[] extracted = new Extraction[views.size()];
    AtomicInteger done = new AtomicInteger();
    pool.forEach(
        views.size(),
        v -> {
          View view = views.get(v);
          extracted[v] =
              extractions.get(FeatureKey.of(view), () -> extract(view, photos.read(view)));
          steps.at("features", done.incrementAndGet(), views.size());
        });
    return extracted;
  }

  /**
   * The features of one photo, found as those of the photos that are mapped.
   *
   * @throws IOException if the photo cannot be fetched
   */
  public Extraction features(View view, PhotoBytes photos) throws IOException {
    try {
      return extractions.get(FeatureKey.of(view), () -> extract(view, photos.read(view)));
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Only photos can fail to be fetched", e);
    }
  }

  private Extraction extract(View view, byte[] bytes) {
    PhotoDecoder.Outcome outcome = decoder.decode(bytes, view);
    if (outcome instanceof PhotoDecoder.Outcome.Decoded decoded) {
      return new Extraction(extractor.extract(decoded.photo()), null);
    }
    PhotoDecoder.Outcome.Unreadable unreadable = (PhotoDecoder.Outcome.Unreadable) outcome;
    return new Extraction(null, unreadable.reason() + ": " + unreadable.detail());
  }

  private MappingInput match(
      List<View> views, List<Vec3> positions, Features[] features, Steps steps) {
    int count = views.size();
    WorkingCamera[] cameras = new WorkingCamera[count];
    double[] scale = new double[count];
    List<Vec3> forSelection = new ArrayList<>();
    MappingInput.Position[] priors = new MappingInput.Position[count];
    Vec3 middle = middle(positions);
    for (int v = 0; v < count; v++) {
      View view = views.get(v);
      scale[v] = features[v] == null ? 1 : features[v].originalPerWorkingPixel();
      cameras[v] = WorkingCamera.of(view, scale[v]);
      priors[v] = prior(view, positions.get(v), middle);
      forSelection.add(priors[v] == null ? null : priors[v].meters());
    }
    List<ViewPair> candidates = PairSelection.select(forSelection, config.selection);
    VerifiedPair[] results = new VerifiedPair[candidates.size()];
    AtomicInteger done = new AtomicInteger();
    pool.forEach(
        results.length,
        p -> {
          ViewPair pair = candidates.get(p);
          results[p] = verifiedPair(views, cameras, features, pair);
          steps.at("matches", done.incrementAndGet(), results.length);
        });
    return MappingInput.of(
        cameras,
        MappingInput.groups(views, scale),
        priors,
        candidates,
        Arrays.asList(results),
        features);
  }

  /** Median position: near it single precision is exact to a fraction of a millimetre. */
  private static Vec3 middle(List<Vec3> positions) {
    List<Vec3> known = positions.stream().filter(p -> p != null).toList();
    if (known.isEmpty()) {
      return Vec3.ZERO;
    }
    return new Vec3(
        RobustScale.median(known.stream().mapToDouble(Vec3::x).toArray()),
        RobustScale.median(known.stream().mapToDouble(Vec3::y).toArray()),
        RobustScale.median(known.stream().mapToDouble(Vec3::z).toArray()));
  }

  private static MappingInput.Position prior(View view, Vec3 meters, Vec3 middle) {
    if (meters == null || view.position().suspicion() != PositionPrior.Suspicion.NONE) {
      return null;
    }
    return new MappingInput.Position(
        meters.minus(middle),
        view.position().horizontalSigmaMeters(),
        view.position().verticalSigmaMeters());
  }

  /** The pair is matched in the order of the view ids, which is the same in every chunk. */
  private VerifiedPair verifiedPair(
      List<View> views, WorkingCamera[] cameras, Features[] features, ViewPair pair)
      throws Exception {
    if (tooFew(features[pair.a()]) || tooFew(features[pair.b()])) {
      return VerifiedPair.NONE;
    }
    boolean swapped = views.get(pair.a()).id().compareTo(views.get(pair.b()).id()) > 0;
    int first = swapped ? pair.b() : pair.a();
    int second = swapped ? pair.a() : pair.b();
    PairKey key =
        new PairKey(
            FeatureKey.of(views.get(first)),
            views.get(first).focal(),
            FeatureKey.of(views.get(second)),
            views.get(second).focal());
    VerifiedPair verified =
        pairs.get(
            key,
            () ->
                verifier.verify(
                    features[first],
                    cameras[first],
                    features[second],
                    cameras[second],
                    matcher.match(features[first], features[second])));
    return swapped ? verified.swapped() : verified;
  }

  private static boolean tooFew(Features features) {
    return features == null || features.count() < MIN_FEATURES;
  }

  private static List<SfmModel.Missing> missing(Reconstruction model, Extraction[] extracted) {
    List<SfmModel.Missing> missing = new ArrayList<>();
    int[] matches = new int[extracted.length];
    for (int p = 0; p < model.input.pairs().size(); p++) {
      ViewPair pair = model.input.pairs().get(p);
      matches[pair.a()] += model.input.verified().get(p).count();
      matches[pair.b()] += model.input.verified().get(p).count();
    }
    for (int v = 0; v < extracted.length; v++) {
      if (!model.registered[v]) {
        missing.add(missing(v, extracted[v], matches[v], model));
      }
    }
    return missing;
  }

  private static SfmModel.Missing missing(
      int v, Extraction extraction, int matches, Reconstruction model) {
    if (extraction.features() == null) {
      return new SfmModel.Missing(v, SfmModel.Reason.UNREADABLE_PHOTO, extraction.unreadable());
    }
    if (tooFew(extraction.features())) {
      return new SfmModel.Missing(
          v,
          SfmModel.Reason.TOO_FEW_FEATURES,
          "%d features, need %d".formatted(extraction.features().count(), MIN_FEATURES));
    }
    if (matches == 0) {
      return new SfmModel.Missing(
          v, SfmModel.Reason.TOO_FEW_MATCHES, "no verified pair with any other view");
    }
    return new SfmModel.Missing(
        v,
        model.forgotten[v] ? SfmModel.Reason.INCONSISTENT_POSE : SfmModel.Reason.POSE_NOT_FOUND,
        "%d verified matches, %d points of the model in view"
            .formatted(matches, model.visiblePoints(v)));
  }

  /**
   * The model with poses and points adjusted to other intrinsics, which are held.
   *
   * @param intrinsics one for each of the model's cameras, at original size
   */
  public SfmModel adjusted(SfmModel model, List<Intrinsics> intrinsics) {
    return new LensAdjustment(model, intrinsics, config.maxSidePixels).run(pool);
  }

  @Override
  public void close() {
    pool.close();
    extractions.clear();
    pairs.clear();
  }
}
