function render(){}
