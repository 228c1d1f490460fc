#!/bin/sh
# Trains a model for one camera from frames 1-400 of a recording to the gate; docs/training.md has what came of it.
# usage: models/recipes/yard.sh SHARED_FOLDER [WORK_FOLDER]      (needs the train extra; CPU, about half an hour on 2 cores)
# The labels are CC BY-NC-SA: for experiments, not for weights that ship. Set PASSES=1 for a quick look.
set -eu
shared=$1
work=${2:-runs/yard}
passes=${PASSES:-8}
start=$shared/models/yolov8n-coco.pt

rm -rf "$work"
tapal dataset import "$shared/data/pets09-s2l1-frames-1-400.gt.txt" --format mot --video "$shared/data/pets09-s2l1.avi" \
    --every 2 --camera yard --day 2009-06-01 --licence "CC BY-NC-SA 3.0, experiments only" --out "$work/labelled"
tapal dataset build "$work/labelled" --name yard --split-within-a-day --gap 3 --keep-repeats --out "$work/datasets"
dataset=$(ls -d "$work"/datasets/yard@*)
tapal dataset stats "$dataset" --plot "$work/dataset.svg"
# Ten passes planned and the last two left away: the steps are small by then, and the best one is kept.
tapal model train "$dataset/data.yaml" --start "$start" --out "$work/run" \
    --epochs 10 --stop-after "$passes" --size 416 --batch 8 --learning-rate 5e-4 --distillation 0.3 --share 1.0
tapal model export "$work/run/weights/averaged.pt" --version 1 --out "$work/yard.onnx"
tapal model export "$start" --version 0 --out "$work/start.onnx"
# Half of the change only: what was forgotten elsewhere comes back, most of what was learned stays.
tapal model average "$work/run/weights/averaged.pt" --start "$start" --share 0.5 --out "$work/half.pt"
tapal model export "$work/half.pt" --version 1 --out "$work/yard-half.onnx"
# What the further training did to another place: one-by-one.mp4, labelled by the start at several sizes, mirrored too.
tapal dataset frames "$shared/data/one-by-one.mp4" --out "$work/desk" --every 40
tapal model label "$work/desk" --weights "$start"
# The gate: crossings after the taught frames, and the desk. It says no where anything guarded gets worse, and why.
cat > "$work/exam.yaml" <<EXAM
sizes: [320]
scenes:
  - {video: $(cd "$shared" && pwd)/data/pets09-s2l1.avi, crossings: $(cd "$shared" && pwd)/data/pets09-s2l1.crossings.json, first: 400}
clips:
  - {video: $(pwd)/datasets/sample/pier.mp4, truth: $(pwd)/datasets/sample/pier.gt.txt, camera: pier, every: 10}
EXAM
for model in yard yard-half; do
    tapal model promote "$work/$model.onnx" --exam "$work/exam.yaml" --name "$model" --version 1 \
        --against models/weights/default.onnx --registry "$work/registry" || true
done
python -m benchmarks.training "$work" --shared "$shared" --out "$work/figures"
