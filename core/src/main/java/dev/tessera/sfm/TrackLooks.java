package dev.tessera.sfm;

/** Descriptors of a model's points, taken from the features when somebody asks: nothing is kept. */
final class TrackLooks implements PointLooks {
  private final Reconstruction r;
  private final Features[] features;
  private final int[] trackOfPoint;

  TrackLooks(Reconstruction r, Features[] features) {
    this.r = r;
    this.features = features;
    trackOfPoint = new int[r.pointCount()];
    int next = 0;
    for (int t = 0; t < r.hasPoint.length; t++) {
      if (r.hasPoint[t]) {
        trackOfPoint[next++] = t;
      }
    }
  }

  @Override
  public float[] meanDescriptor(int point) {
    Tracks tracks = r.input.tracks();
    int track = trackOfPoint[point];
    float[] mean = new float[Features.DESCRIPTOR_LENGTH];
    int count = 0;
    for (int o = tracks.begin(track); o < tracks.end(track); o++) {
      if (r.active[o]) {
        features[tracks.viewOf(o)].addRootSift(tracks.featureOf(o), mean);
        count++;
      }
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= count;
    }
    return mean;
  }
}
